internal import Cataloguing
internal import Durability
internal import Foundation
internal import Journal
internal import Subprocesses
internal import TensorFiles
internal import Vocabulary
internal import WorkUnits

/// How what units published is written anew. New shards first, then their ledger, which names those that it stands for; then
/// the catalog changes over, all at once; then the old files go. A daemon that dies before the ledger is there leaves shards
/// that nobody knows, which the next start removes; after that the next start goes on (`ExtractStage.supersede`).
extension Compactor {
  /// A ledger, and by its shards what the catalog finds in them.
  private struct Source: Sendable {
    var name: String
    var ledger: ExtractLedger
    var contents: [BytePath: ShardContents] = [:]
  }

  func rewrite(_ names: [String], in folders: Set<BytePath>, now: Int64) async throws -> Bool {
    var sources: [Source] = []
    var gone: Set<ClipID> = []
    for name in names {
      guard let ledger = stage.read(ledger: name) else { continue }
      let shards = stage.shards(of: ledger, name)
      guard folders.isSubset(of: shards.map(\.deletingLastComponent)), try await areReadable(shards) else { continue }
      var source = Source(name: name, ledger: ledger)
      for shard in shards {
        let contents = try await catalog.contents(of: shard, goneSince: now - Self.patience)
        source.contents[shard] = contents
        gone.formUnion(contents.gone)
      }
      sources.append(source)
    }
    if sources.isEmpty { return false }
    let (read, missed) = (sources, gone)
    let written = try await BlockingThread.run(named: "compact") { try write(read, without: missed) }
    try await stage.absorb(ledger: written.name, into: catalog)
    tell(read.map(\.name), gone: gone.count, damaged: written.damaged)
    return written.damaged > 0
  }

  /// Whether they can be read to their ends. A map would end the daemon where the disk fails.
  private func areReadable(_ shards: [BytePath]) async throws -> Bool {
    let shards = shards.map { stage.state.absolute($0).display }
    return try await BlockingThread.run(named: "compact") {
      shards.allSatisfy { shard in
        !FileManager.default.fileExists(atPath: shard) || FileManager.default.contents(atPath: shard) != nil
      }
    }
  }

  private func tell(_ names: [String], gone: Int, damaged: Int) {
    let what = "what \(Words.count(names.count, "unit")) had published was written anew"
    let dropped = gone == 0 ? "" : "; features of \(Words.count(gone, "clip")) that are gone were dropped"
    Journal.record(.info, what + dropped)
    if damaged == 0 { return }
    Journal.record(
      .warning,
      "\(Words.count(damaged, "tensor")) in shards that were written anew had been damaged; they are made again",
      event: .featuresLost, fields: [.stage: Stage.extract.rawValue])
  }

  /// Versions that the units had of one program; nil when they say none.
  private static func all(_ versions: [String]) -> String? {
    versions.isEmpty ? nil : Set(versions.flatMap { $0.components(separatedBy: ", ") }).sorted().joined(separator: ", ")
  }

  /// Publishes the shards and their ledger.
  private func write(_ sources: [Source], without gone: Set<ClipID>) throws -> (name: String, damaged: Int) {
    var ledger = ExtractLedger(
      entries: Self.entries(sources.map(\.ledger), without: gone), shards: [],
      decoder: Self.all(sources.compactMap(\.ledger.decoder)), supersedes: sources.map(\.name))
    let name = try freshName(ledger)
    var damaged = 0
    var parts: [ExtractLedger.Shard] = []
    for part in sources.flatMap(\.ledger.shards)
    where !parts.contains(where: { $0.backbone == part.backbone && $0.fingerprint == part.fingerprint }) {
      parts.append(part)
    }
    for part in parts.sorted(by: { ($0.backbone, $0.fingerprint) < ($1.backbone, $1.fingerprint) }) {
      let isThere = try write(part.backbone, part.fingerprint, of: sources, as: name, damaged: &damaged)
      if !isThere { continue }
      let runtimes = sources.flatMap(\.ledger.shards).filter {
        $0.backbone == part.backbone && $0.fingerprint == part.fingerprint
      }.compactMap(\.runtime)
      ledger.shards.append(
        .init(
          backbone: part.backbone, fingerprint: part.fingerprint, index: ledger.shards.count,
          runtime: Self.all(runtimes)))
    }
    // Units of one kind have made the same; the first that made micro clips stands for all.
    if let micro = sources.lazy.compactMap(\.ledger.micro).first,
      try write(MicroFormat.shardFolder, micro, of: sources, as: name, damaged: &damaged)
    {
      ledger.micro = micro
    }
    try stage.publish(ledger, as: name)
    try stage.between()
    return (name, damaged)
  }

  /// Writes one shard of what the catalog finds in the sources' shards and is still what was written; false when that is
  /// nothing.
  private func write(
    _ folder: String, _ fingerprint: StageKey, of sources: [Source], as name: String, damaged: inout Int
  ) throws -> Bool {
    var tensors: [TensorData] = []
    for source in sources {
      let shard = stage.shard(folder, fingerprint, source.name)
      guard let live = source.contents[shard]?.live, !live.isEmpty else { continue }
      let path = stage.state.absolute(shard)
      let file = TensorFile.isWhole(path) ? try? TensorFile(mapping: path) : nil
      let intact = live.compactMap { file?[$0.digest.hex] }.filter(\.isIntact).map(TensorData.init)
      damaged += live.count - intact.count
      tensors += intact
    }
    if tensors.isEmpty { return false }
    let staged = stage.state.staging.appending("\(name).safetensors")
    try Durability.removeTree(staged)
    try TensorFile.write(tensors.sorted { $0.name < $1.name }, hasDigests: true, to: staged)
    try stage.between()
    try Durability.publish(staged: staged, at: stage.state.absolute(stage.shard(folder, fingerprint, name)))
    try stage.between()
    return true
  }

  /// What is known of each clip, once: that it is unreadable is final, and who made the micro clip saw it furthest.
  private static func entries(_ ledgers: [ExtractLedger], without gone: Set<ClipID>) -> [ExtractLedger.Entry] {
    func rank(_ entry: ExtractLedger.Entry) -> Int { entry.outcome.hasFrames ? entry.micro == nil ? 0 : 1 : 2 }
    var best: [ClipID: ExtractLedger.Entry] = [:]
    for entry in ledgers.flatMap(\.entries) where !gone.contains(entry.clip) {
      if best[entry.clip].map({ rank($0) >= rank(entry) }) ?? false { continue }
      best[entry.clip] = entry
    }
    return best.values.sorted { $0.clip < $1.clip }
  }

  /// A ledger's name that nobody has, which `ExtractStage.shard` makes the shards' of.
  private func freshName(_ ledger: ExtractLedger) throws -> String {
    struct Inputs: Encodable {
      var ledgers: [String]
      var clips: [ClipID]
      var attempt: Int
    }
    var inputs = Inputs(ledgers: ledger.supersedes ?? [], clips: ledger.entries.map(\.clip), attempt: 0)
    while true {
      let name = "\(try StageKey(stage: "compact", version: 2, inputs: inputs).name).json"
      if !FileManager.default.fileExists(atPath: stage.place(name).display) { return name }
      inputs.attempt += 1
    }
  }
}
