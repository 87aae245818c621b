internal import Cataloguing
internal import Durability
internal import Foundation
internal import Subprocesses
internal import TensorFiles
internal import Vocabulary
internal import WorkUnits

/// Shards that are compacted, and files that belong to nothing.
extension ExtractStage {
  /// What follows once a compacted ledger is published, as often as it is begun: the catalog finds everything in the new
  /// shards, the old ones go, each ledger after its shards, and then the new ledger counts as absorbed. Should one of the new
  /// shards be damaged by then, what it was made from stays.
  func supersede(
    _ old: [String], by ledger: ExtractLedger, _ name: String, in catalog: Catalog
  ) async throws {
    let batch = readable(batch(ledger, name))
    let broken = Set(shards(of: ledger, name).filter { batch.clips[$0] == nil }.map(\.deletingLastComponent))
    let former = old.map { each in
      (
        ledger: each,
        shards: shards(of: read(ledger: each) ?? ledger, each).filter { !broken.contains($0.deletingLastComponent) }
      )
    }
    try await catalog.replace(former.flatMap(\.shards), by: batch, wanted: wanted)
    try between()
    for (each, shards) in former {
      for shard in shards {
        try Durability.removeTree(state.absolute(shard))
        try between()
      }
      if !broken.isEmpty { continue }
      try Durability.removeTree(place(each))
      try between()
    }
    var settled = ledger
    settled.supersedes = []
    // Where nothing was left of them, nothing stays.
    if ledger.entries.isEmpty { try withdraw(ledger: name) } else { try publish(settled, as: name) }
    try between()
    // A ledger that came back after a power cut would take its clips to shards that are gone.
    try Durability.sync(directory: state.absolute(state.ledgers))
    try await catalog.settle(ledger: name, forgetting: old)
    for each in old where FileManager.default.fileExists(atPath: place(each).display) {
      try await absorb(ledger: each, into: catalog)
    }
    if ledger.entries.isEmpty { try await catalog.forget(ledger: name) }
    try between()
  }

  /// With what its shards hold, without those that cannot be read.
  private func readable(_ batch: ExtractedBatch) -> ExtractedBatch {
    func clips(_ shard: BytePath) -> Set<ClipID>? {
      guard let file = try? TensorFile(mapping: state.absolute(shard)) else { return nil }
      return Set(file.names.compactMap { Digest(hex: $0).map { ClipID($0) } })
    }
    var batch = batch
    for (index, shard) in batch.shards {
      if let clips = clips(shard) { batch.clips[shard] = clips } else { batch.shards[index] = nil }
    }
    guard let micro = batch.micro else { return batch }
    if let clips = clips(micro) { batch.clips[micro] = clips } else { batch.micro = nil }
    return batch
  }

  /// Folders of shards relative to the state directory, those of the micro clips too, sorted.
  func folders() throws -> [BytePath] {
    var found: [BytePath] = []
    var open = [BytePath("features")]
    while let folder = open.popLast() {
      for name in try FileManager.default.contentsOfDirectory(atPath: state.absolute(folder).display) {
        let path = folder.appending(name)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: state.absolute(path).display, isDirectory: &isFolder),
          isFolder.boolValue, path != state.ledgers
        else { continue }
        // A fingerprint's name, below a backbone's, which may have several parts.
        if name.count == 16 && name.allSatisfy(\.isHexDigit) && path.components.count > 2 {
          found.append(path)
        } else {
          open.append(path)
        }
      }
    }
    return found.sorted()
  }

  /// Removes shards that neither a ledger nor the catalog knows: their unit, or their compaction, died before its ledger was
  /// there. Nothing may run.
  func sweep(_ catalog: Catalog) async throws {
    let known = Set(try await catalog.shardPaths())
    try await BlockingThread.run(named: "sweep") {
      for folder in try folders() {
        for name in try FileManager.default.contentsOfDirectory(atPath: state.absolute(folder).display) {
          let shard = folder.appending(name)
          if !name.hasSuffix(".safetensors") || known.contains(shard) { continue }
          if FileManager.default.fileExists(atPath: place(ledger(of: shard)).display) { continue }
          try Durability.removeTree(state.absolute(shard))
        }
      }
    }
  }

  /// Removes compiled networks of backbones that are not configured, and what killed workers left half written. What cannot
  /// be removed stays: it is in nobody's way. Nothing may run.
  package func sweepCompiled() {
    let prefixes = backbones.map(\.backbone.compiledPrefix)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: state.cache.display)) ?? []
    for name in names where !prefixes.contains(where: name.hasPrefix) {
      try? Durability.removeTree(state.cache.appending(name))
    }
  }
}
