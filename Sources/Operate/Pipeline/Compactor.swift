package import Cataloguing
internal import Durability
internal import Foundation
internal import Journal
internal import TensorFiles
internal import Vocabulary
internal import WorkUnits

/// Gives back what features of clips take that are gone for good. It works on what one extract unit published, its shards and
/// its ledger, before anything else runs: later, workers may have shards open.
package struct Compactor: Sendable {
  private let state: StateDirectory
  private let stage: ExtractStage
  private let catalog: Catalog

  /// A deleted clip is missed this long, in seconds, before its features are dropped: a disk may come back.
  package static let patience: Int64 = 30 * 86400

  package init(stage: ExtractStage, catalog: Catalog) {
    state = stage.state
    self.stage = stage
    self.catalog = catalog
  }

  package enum Verdict: Equatable, Sendable {
    case keep, rewrite, remove

    /// Copying is worth it when it gives back as much as it copies.
    package init(live: Int, dead: Int) {
      self = live == 0 ? .remove : dead >= live ? .rewrite : .keep
    }
  }

  /// - Parameter now: seconds since 1970.
  package func run(now: Int64) async throws {
    try await catalog.noteOrphans(now: now)
    var dead: [String: Set<ClipID>] = [:]
    for (path, clips) in try await catalog.orphans(since: now - Self.patience) {
      dead[stage.ledger(of: path), default: []].formUnion(clips)
    }
    for (name, clips) in dead.sorted(by: { $0.key < $1.key }) {
      guard let ledger = stage.read(ledger: name) else { continue }
      let live = ledger.entries.filter { !clips.contains($0.clip) }
      switch Verdict(live: live.count, dead: clips.count) {
      case .keep: continue
      case .rewrite: try await rewrite(ledger, live, from: name)
      case .remove: break
      }
      try await remove(ledger, name)
      Journal.record(.info, "features of \(Words.count(clips.count, "clip")) that are gone were dropped", fields: [:])
    }
  }

  /// Shards first, the ledger last, as a unit does; a crash before that leaves files that the next run writes anew.
  private func rewrite(_ ledger: ExtractLedger, _ live: [ExtractLedger.Entry], from name: String) async throws {
    let key = try StageKey(stage: "compact", version: 1, inputs: [name] + live.map(\.clip.description))
    let clips = Set(live.map(\.clip.digest.hex))
    for (old, new) in zip(stage.shards(of: ledger, name), stage.shards(of: ledger, key.name)) {
      guard TensorFile.isWhole(state.absolute(old)) else { continue }
      let file = try TensorFile(mapping: state.absolute(old))
      let tensors = file.names.filter(clips.contains).compactMap { file[$0] }
      // A damaged shard is left out, and what it held is made again.
      if tensors.isEmpty || !tensors.allSatisfy(\.isIntact) { continue }
      let staged = state.staging.appending("\(key.name).safetensors")
      try Durability.removeTree(staged)
      try TensorFile.write(tensors.map(TensorData.init), hasDigests: true, to: staged)
      try Durability.publish(staged: staged, at: state.absolute(new))
    }
    var kept = ledger
    kept.entries = live
    let place = state.absolute(state.ledgers).appending("\(key.name).json")
    try Durability.publish(Array(try CanonicalJSON.encodePretty(kept)), at: place)
    try await stage.absorb(ledger: place.lastComponent.display, into: catalog)
  }

  /// The ledger first: without it the shards are nothing that anybody looks for.
  private func remove(_ ledger: ExtractLedger, _ name: String) async throws {
    try Durability.removeTree(state.absolute(state.ledgers).appending(name))
    try await catalog.forget(ledger: name)
    let shards = stage.shards(of: ledger, name)
    for shard in shards { try Durability.removeTree(state.absolute(shard)) }
    try await catalog.loseShards(shards, wanted: stage.wanted)
  }
}
