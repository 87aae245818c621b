internal import Cataloguing
internal import Durability
internal import Executors
internal import Foundation
internal import Vocabulary
internal import WorkUnits

/// Makes extract units and takes in what they published.
struct ExtractStage: Sendable {
  let state: StateDirectory
  let backbones: [BackboneUse]
  let micro = MicroFormat.standard

  init(state: StateDirectory, backbones: [BackboneUse]) {
    self.state = state
    self.backbones = backbones
  }

  /// What a clip waits for. Its micro clip comes along, but a clip that was extracted before there were micro clips does not
  /// wait for one: its features would all be made anew.
  var wanted: [StageKey] { backbones.map(\.fingerprint) }

  /// One unit for these clips and every configured backbone.
  func unit(_ files: [ClipFile]) throws -> (unit: WorkUnit, ledger: String) {
    let clips = files.sorted { $0.clip < $1.clip }
    let inputs = Inputs(clips: clips.map(\.clip), features: wanted, micro: micro.fingerprint)
    let key = try StageKey(stage: "extract", version: 2, inputs: inputs)
    var publications = backbones.enumerated().map { index, use in
      Publication(
        staged: ExtractSpec.shardName(index), destination: state.absolute(shard(use, key.name)), optional: true)
    }
    publications.append(
      Publication(
        staged: ExtractSpec.microName, destination: state.absolute(microShard(micro.fingerprint, key.name)),
        optional: true))
    let ledger = "\(key.name).json"
    publications.append(
      Publication(staged: ExtractSpec.ledgerName, destination: state.absolute(state.ledgers).appending(ledger)))
    let spec = ExtractSpec(clips: clips, backbones: backbones, cache: state.cache, micro: micro)
    return (WorkUnit(name: "extract \(key.digest.short)", spec: .extract(spec), publications: publications), ledger)
  }

  /// Takes a published ledger into the catalog.
  func absorb(ledger name: String, into catalog: Catalog) async throws {
    guard let ledger = read(ledger: name) else {
      let path = state.absolute(state.ledgers).appending(name)
      throw WorkError(.failure, "\(path): the ledger cannot be read; delete it to have its clips extracted again")
    }
    let key = String(name.dropLast(".json".count))
    var shards: [Int: BytePath] = [:]
    for shard in ledger.shards {
      let path = state.shards(backbone: shard.backbone, fingerprint: shard.fingerprint)
        .appending("\(key).safetensors")
      if exists(path) { shards[shard.index] = path }
    }
    let micro = ledger.micro.map { microShard($0, key) }.flatMap { exists($0) ? $0 : nil }
    try await catalog.absorb(
      ExtractedBatch(ledger: ledger, name: name, shards: shards, micro: micro), wanted: wanted)
  }

  /// Makes the catalog agree with the disk: shards that are gone are forgotten, ledgers published just before a crash are
  /// absorbed, and `pending` follows the configured backbones.
  func recover(_ catalog: Catalog) async throws {
    try await catalog.want(wanted)
    let gone = try await catalog.shardPaths().filter { !exists($0) }
    // A ledger says that its shards are whole; without one of them it says nothing, and its unit is made again. Without its
    // micro clips it still says everything of the features, for which the clips may be gone by now.
    for path in gone where !isMicro(path) {
      let ledger = ledger(of: path)
      try Durability.removeTree(state.absolute(state.ledgers).appending(ledger))
      try await catalog.forget(ledger: ledger)
    }
    try await catalog.loseShards(gone, wanted: wanted)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: state.absolute(state.ledgers).display)) ?? []
    for name in names.sorted() where name.hasSuffix(".json") {
      if try await catalog.isAbsorbed(ledger: name) { continue }
      try await absorb(ledger: name, into: catalog)
    }
  }

  /// Sets a clip aside that killed its worker again and again, as a ledger of its own.
  func setAside(_ clip: ClipID, reason: String, in catalog: Catalog) async throws {
    let entry = ExtractLedger.Entry(clip: clip, outcome: .unreadable(reason: reason), facts: nil, short: false)
    let ledger = ExtractLedger(entries: [entry], shards: [])
    let key = try StageKey(stage: "set aside", version: 1, inputs: [clip])
    let name = "\(key.name).json"
    try Durability.publish(
      Array(try CanonicalJSON.encodePretty(ledger)), at: state.absolute(state.ledgers).appending(name))
    try await absorb(ledger: name, into: catalog)
  }

  private func ledger(of shard: BytePath) -> String {
    "\(shard.lastComponent.display.dropLast(".safetensors".count)).json"
  }

  private func shard(_ use: BackboneUse, _ key: String) -> BytePath {
    state.shards(backbone: use.backbone.name, fingerprint: use.fingerprint).appending("\(key).safetensors")
  }

  private func microShard(_ fingerprint: StageKey, _ key: String) -> BytePath {
    state.shards(backbone: MicroFormat.shardFolder, fingerprint: fingerprint).appending("\(key).safetensors")
  }

  /// Whether a shard holds micro clips, by its ledger.
  private func isMicro(_ shard: BytePath) -> Bool {
    let name = ledger(of: shard)
    guard let micro = read(ledger: name)?.micro else { return false }
    return microShard(micro, String(name.dropLast(".json".count))) == shard
  }

  private func read(ledger name: String) -> ExtractLedger? {
    FileManager.default.contents(atPath: state.absolute(state.ledgers).appending(name).display).flatMap {
      try? CanonicalJSON.decode(ExtractLedger.self, from: $0)
    }
  }

  private func exists(_ relative: BytePath) -> Bool {
    FileManager.default.fileExists(atPath: state.absolute(relative).display)
  }

  private struct Inputs: Encodable {
    var clips: [ClipID]
    var features: [StageKey]
    var micro: StageKey
  }
}
