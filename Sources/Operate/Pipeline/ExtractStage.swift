package import Cataloguing
internal import Durability
package import Executors
internal import Foundation
internal import Journal
internal import TensorFiles
package import Vocabulary
package import WorkUnits

/// Makes extract units and takes in what they published.
package struct ExtractStage: Sendable {
  let state: StateDirectory
  let backbones: [BackboneUse]
  package let micro = MicroFormat.standard
  /// Called between the steps of a compaction: a test throws where a daemon is to die.
  package var between: @Sendable () throws -> Void = {}

  package init(state: StateDirectory, backbones: [BackboneUse]) {
    self.state = state
    self.backbones = backbones
  }

  /// What is learned from: the features of every configured backbone.
  package var features: [StageKey] { backbones.map(\.fingerprint) }

  /// What a clip waits for: its features, and its micro clip.
  package var wanted: [StageKey] { features + [micro.fingerprint] }

  /// One unit for clips that all miss the same of what is wanted: it makes that and nothing else.
  package func unit(_ files: [ClipFile], missing: [StageKey]) throws -> (unit: WorkUnit, ledger: String) {
    let clips = files.sorted { $0.clip < $1.clip }
    let key = try StageKey(stage: "extract", version: 2, inputs: Inputs(clips: clips.map(\.clip), missing: missing))
    let backbones = backbones.filter { missing.contains($0.fingerprint) }
    let micro = missing.contains(micro.fingerprint) ? micro : nil
    var publications = backbones.enumerated().map { index, use in
      Publication(
        staged: ExtractSpec.shardName(index),
        destination: state.absolute(shard(use.backbone.name, use.fingerprint, key.name)), optional: true)
    }
    if let micro {
      publications.append(
        Publication(
          staged: ExtractSpec.microName,
          destination: state.absolute(shard(MicroFormat.shardFolder, micro.fingerprint, key.name)), optional: true))
    }
    let ledger = "\(key.name).json"
    publications.append(
      Publication(staged: ExtractSpec.ledgerName, destination: state.absolute(state.ledgers).appending(ledger)))
    let spec = ExtractSpec(clips: clips, backbones: backbones, cache: state.cache, micro: micro)
    return (WorkUnit(name: "extract \(key.digest.short)", spec: .extract(spec), publications: publications), ledger)
  }

  /// Takes a published ledger into the catalog.
  ///
  /// - Returns: clips that nothing was learnt of.
  @discardableResult
  package func absorb(ledger name: String, into catalog: Catalog) async throws -> [ExtractLedger.Skip] {
    guard let ledger = read(ledger: name) else {
      throw WorkError(
        .failure, "\(place(name)): the ledger cannot be read; delete it to have its clips extracted again")
    }
    let skips = ledger.skips ?? []
    if ledger.entries.isEmpty && !skips.isEmpty {
      // It says nothing that anybody wants to know later.
      try withdraw(ledger: name)
      return skips
    }
    if let old = ledger.supersedes {
      try await supersede(old, by: ledger, name, in: catalog)
    } else {
      try await catalog.absorb(batch(ledger, name), wanted: wanted)
    }
    return skips
  }

  /// The ledger with those of its shards that are whole.
  func batch(_ ledger: ExtractLedger, _ name: String) -> ExtractedBatch {
    var shards: [Int: BytePath] = [:]
    for shard in ledger.shards {
      let path = self.shard(shard.backbone, shard.fingerprint, name)
      if isWhole(path) { shards[shard.index] = path }
    }
    let micro = ledger.micro.map { shard(MicroFormat.shardFolder, $0, name) }.flatMap { isWhole($0) ? $0 : nil }
    return ExtractedBatch(ledger: ledger, name: name, shards: shards, micro: micro)
  }

  /// Makes the catalog agree with the disk: shards that are gone or cut off are forgotten, ledgers published just before a
  /// crash are absorbed, compactions are brought to their end, what belongs to nothing is removed, and `pending` follows
  /// the configured backbones.
  package func recover(_ catalog: Catalog) async throws {
    try await catalog.want(wanted)
    try await catalog.wake()
    let lost = try await catalog.shardPaths().filter { !TensorFile.isWhole(state.absolute($0)) }
    for path in lost { try Durability.removeTree(state.absolute(path)) }
    if let first = lost.first {
      Journal.record(
        .warning, "features are gone or cut off and are made anew: \(Words.count(lost.count, "file")), first \(first)",
        event: .featuresLost, fields: [.stage: Stage.extract.rawValue])
    }
    try await catalog.loseShards(lost, wanted: wanted)
    for name in try ledgers() {
      if try await catalog.isAbsorbed(ledger: name) { continue }
      // A compacted one may have taken its place a moment ago.
      guard FileManager.default.fileExists(atPath: place(name).display) else { continue }
      try await absorb(ledger: name, into: catalog)
    }
    try await sweep(catalog)
  }

  /// File names, sorted.
  private func ledgers() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: state.absolute(state.ledgers).display)
      .filter { $0.hasSuffix(".json") }.sorted()
  }

  package func withdraw(ledger name: String) throws {
    try Durability.removeTree(place(name))
  }

  /// Forgets what is not what was written, so that it is made again: of one clip, or the whole shard, which is removed then,
  /// as it is with its last clip: a unit of the same clips would find it made. False for a file that is no shard of the
  /// catalog's.
  package func lose(_ shard: BytePath, clip: ClipID?, in catalog: Catalog) async throws -> Bool {
    guard let known = try await catalog.shardPaths().first(where: { state.absolute($0) == shard }) else { return false }
    if let clip, try await catalog.loseFeatures(of: clip, in: known, wanted: wanted) { return true }
    try Durability.removeTree(shard)
    try await catalog.loseShards([known], wanted: wanted)
    return true
  }

  /// Sets a clip aside that killed its worker again and again, as a ledger of its own.
  package func setAside(_ clip: ClipID, reason: String, in catalog: Catalog) async throws {
    let entry = ExtractLedger.Entry(clip: clip, outcome: .unreadable(reason: reason), facts: nil, short: false)
    let ledger = ExtractLedger(entries: [entry], shards: [])
    let name = try setAsideLedger(clip)
    try publish(ledger, as: name)
    try await absorb(ledger: name, into: catalog)
  }

  /// The ledger that says of a clip that it was set aside.
  func setAsideLedger(_ clip: ClipID) throws -> String {
    "\(try StageKey(stage: "set aside", version: 1, inputs: [clip]).name).json"
  }

  /// Where a ledger's shards are, those that may not exist too.
  func shards(of ledger: ExtractLedger, _ name: String) -> [BytePath] {
    ledger.shards.map { shard($0.backbone, $0.fingerprint, name) }
      + (ledger.micro.map { [shard(MicroFormat.shardFolder, $0, name)] } ?? [])
  }

  func ledger(of shard: BytePath) -> String { "\(shard.lastComponent.display.dropLast(".safetensors".count)).json" }

  /// - Parameter name: the unit's key, or its ledger's file name.
  func shard(_ folder: String, _ fingerprint: StageKey, _ name: String) -> BytePath {
    let key = name.hasSuffix(".json") ? String(name.dropLast(".json".count)) : name
    return state.shards(backbone: folder, fingerprint: fingerprint).appending("\(key).safetensors")
  }

  func publish(_ ledger: ExtractLedger, as name: String) throws {
    try Durability.publish(Array(try CanonicalJSON.encodePretty(ledger)), at: place(name))
  }

  func place(_ ledger: String) -> BytePath { state.absolute(state.ledgers).appending(ledger) }

  func read(ledger name: String) -> ExtractLedger? {
    FileManager.default.contents(atPath: place(name).display).flatMap {
      try? CanonicalJSON.decode(ExtractLedger.self, from: $0)
    }
  }

  private func isWhole(_ shard: BytePath) -> Bool { TensorFile.isWhole(state.absolute(shard)) }

  private struct Inputs: Encodable {
    var clips: [ClipID]
    var missing: [StageKey]
  }
}
