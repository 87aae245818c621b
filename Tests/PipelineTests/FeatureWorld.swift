import Cataloguing
import Executors
import Foundation
import Pipeline
import Synchronization
import TensorFiles
import TestSupport
import Vocabulary
import WorkUnits

/// A state directory with clips and their features, made by units that only pretend to see them.
struct FeatureWorld {
  private let state: StateDirectory
  private var catalog: Catalog
  private var stage: ExtractStage
  private var landed: [String: Landing] = [:]
  private var names: [ClipID: String] = [:]
  /// Clips that no worker can decode.
  var undecodable: Set<String> = []
  /// Files below `/clips` that cannot be read.
  var unreadableFiles: Set<String> = []
  /// Seconds since 1970.
  var now: Int64 = 1_000_000_000

  init(in scratch: URL) throws {
    state = StateDirectory(BytePath(scratch.path).appending("state"))
    for folder in [state.absolute(state.ledgers), state.staging, state.cache] {
      try FileManager.default.createDirectory(atPath: folder.display, withIntermediateDirectories: true)
    }
    catalog = try Catalog(path: state.catalog)
    stage = ExtractStage(state: state, backbones: [])
    try use("near", "far")
  }

  static func clip(_ name: String) -> ClipID { ClipID(Digest(of: Data(name.utf8))) }

  /// The backbones that are configured from now on.
  mutating func use(_ names: String..., model: String = "weights", farFrames: Int = 5) throws {
    let uses = try names.map { name in
      try BackboneUse(
        backbone: Backbone(
          name: name, model: Digest(of: Data("\(name) \(model)".utf8)),
          sampling: Sampling(rateNumerator: 1, frames: name == "far" ? farFrames : 4, side: 8),
          taps: [Tap(name: "all", width: 2)], licence: "", origin: ""), file: nil, precision: .float32)
    }
    stage = ExtractStage(state: state, backbones: uses)
    fingerprints = Dictionary(uniqueKeysWithValues: uses.map { ($0.backbone.name, $0.fingerprint) })
    compiledPrefixes = Dictionary(uniqueKeysWithValues: uses.map { ($0.backbone.name, $0.backbone.compiledPrefix) })
  }

  /// Of the configured backbones, by their names.
  private(set) var fingerprints: [String: StageKey] = [:]
  private(set) var compiledPrefixes: [String: String] = [:]

  mutating func land(_ clip: String, as name: String? = nil) async throws {
    let name = name ?? clip
    let landing = Landing(
      root: "/clips", path: BytePath(name), clip: Self.clip(clip), bytes: Int64(clip.utf8.count), modified: 0)
    landed[name] = landing
    names[landing.clip] = clip
    _ = try await catalog.land([landing])
  }

  mutating func delete(_ name: String) async throws {
    landed[name] = nil
    _ = try await catalog.vanish(root: "/clips", path: BytePath(name))
  }

  /// Changes every shard below a folder, or those that one ledger names; nil removes them.
  func damage(_ folder: String, of key: String = "", _ change: (Data) -> Data?) throws {
    for file in try shards() where file.path.contains("/\(folder)/") && file.lastPathComponent.hasPrefix(key) {
      let changed = change(try Data(contentsOf: file))
      try FileManager.default.removeItem(at: file)
      try changed?.write(to: file)
    }
  }

  /// Flips a bit of what shards below a folder hold of a clip.
  func flip(_ folder: String, clip: String) throws {
    let digest = Self.clip(clip).digest
    for file in try shards() where file.path.contains("/\(folder)/") {
      var content = try Data(contentsOf: file)
      guard let place = content.range(of: Data(digest.bytes)) else { continue }
      content[place.lowerBound] ^= 1
      try content.write(to: file)
    }
  }

  /// As when a worker says so of every shard below a folder.
  func lose(_ folder: String, clip: String? = nil) async throws -> Bool {
    var isKnown = true
    for file in try shards() where file.path.contains("/\(folder)/") {
      isKnown = try await stage.lose(BytePath(file.path), clip: clip.map(Self.clip), in: catalog) && isKnown
    }
    return isKnown
  }

  func loseUnknown(_ path: BytePath) async throws -> Bool { try await stage.lose(path, clip: nil, in: catalog) }

  /// The daemon has died: what it had not written is gone.
  mutating func die() throws {
    stage.between = {}
    catalog = try Catalog(path: state.catalog)
  }

  mutating func loseCatalog() async throws {
    for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: state.catalog.display + suffix) }
    catalog = try Catalog(path: state.catalog)
    for landing in landed.values { _ = try await catalog.land([landing]) }
  }

  func restart() async throws { try await stage.recover(catalog) }

  /// As after a third worker that died with the clip.
  func setAside(_ clip: String) async throws {
    try await stage.setAside(Self.clip(clip), reason: "killed", in: catalog)
  }

  func setAside() async throws -> [String] { try await stage.setAside(in: catalog).map(name) }
  func unreadable() async throws -> [String] { try await catalog.unreadable().keys.map(name).sorted() }

  func reconsider(_ clips: [String]) async throws {
    try await stage.reconsider(Set(clips.map(Self.clip)), in: catalog)
  }

  /// Has files tried again that could not be read.
  func forgive(_ clips: [String]? = nil) async throws { try await catalog.forgive(clips.map { $0.map(Self.clip) }) }

  func counts() async throws -> CatalogCounts { try await catalog.counts(now: now) }

  /// By clip, why a file of it could not be read the last time.
  func faults() async throws -> [String: String] {
    var faults: [String: String] = [:]
    for clip in try await catalog.list(state: "pending", after: 0, limit: 100) { faults[name(clip.clip)] = clip.fault }
    return faults
  }

  struct Death: Error {}

  private final class Steps: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
      count.withLock { count in
        count += 1
        return count
      }
    }
  }

  /// A whole round, in which four units are joined however small they are.
  ///
  /// - Parameter death: the daemon dies between its nth step and the next.
  mutating func compact(now: Int64, keeping kept: [StageKey] = [], death: Int? = nil) async throws {
    let steps = Steps()
    stage.between = { if steps.next() == death { throw Death() } }
    defer { stage.between = {} }
    let compactor = Compactor(stage: stage, catalog: catalog, sizes: .init(many: 4))
    for job in try await compactor.plan(now: now, keeping: kept) { _ = try await compactor.perform(job, now: now) }
  }

  /// The keys of what was compacted.
  func compacted() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: state.absolute(state.ledgers).display).filter { name in
      let text = try String(contentsOfFile: state.absolute(state.ledgers).appending(name).display, encoding: .utf8)
      return text.contains("\"supersedes\"")
    }.map { String($0.dropLast(".json".count)) }
  }

  /// Writes a file of the cache of compiled networks.
  func compile(_ name: String) throws { try Data().write(to: URL(filePath: state.cache.appending(name).display)) }

  func sweepCompiled() throws -> [String] {
    stage.sweepCompiled()
    return try FileManager.default.contentsOfDirectory(atPath: state.cache.display)
  }

  /// Runs units until nothing is pending; what they made, by clip.
  func extract(clipsAtOnce: Int = 10) async throws -> [String: [String]] {
    try await catalog.want(stage.wanted)
    var made: [String: [String]] = [:]
    while true {
      let pending = try await catalog.pending(limit: clipsAtOnce, wanted: stage.wanted, now: now)
      guard let missing = pending.first?.missing else { return made }
      let files = pending.filter { $0.missing == missing }.map(\.file)
      let (unit, ledger) = try stage.unit(files, missing: missing)
      guard case .extract(let spec) = unit.spec else { return made }
      try pretend(spec, unit.publications.map { ($0.staged, $0.destination) })
      let skips = try await stage.absorb(ledger: ledger, into: catalog)
      let parts = spec.backbones.map(\.backbone.name) + (spec.micro == nil ? [] : ["micro"])
      for file in files where !skips.contains(where: { $0.clip == file.clip }) {
        made[name(file.clip), default: []] += parts
      }
      let reading = try await stage.judge(skips, of: files, in: catalog, now: now)
      for (file, _, isLast) in reading.unread {
        made[name(file.clip), default: []].append(isLast ? "given up" : "unread")
      }
      // A unit of several of which not one could be read: the conductor waits.
      if reading.trouble != nil && files.count > 1 { return made }
    }
  }

  /// Every clip's features as the catalog finds them, shard after shard.
  func features() async throws -> [String: [Data]] {
    var found: [String: [Data]] = [:]
    for clip in try await catalog.ready(stage.wanted) {
      found[name(clip.clip)] = try clip.shards.map {
        try TensorFile(mapping: state.absolute($0)).tensor(clip.clip.digest.hex).withUnsafeBytes { Data($0) }
      }
    }
    return found
  }

  /// Shards and ledgers.
  func files() async throws -> [URL] {
    let ledgers = try FileManager.default.contentsOfDirectory(atPath: state.absolute(state.ledgers).display)
    return try shards() + ledgers.map { URL(filePath: state.absolute(state.ledgers).appending($0).display) }
  }

  func tensors() throws -> Int {
    try shards().reduce(0) { $0 + (try TensorFile(mapping: BytePath($1.path)).names.count) }
  }

  private func shards() throws -> [URL] {
    let features = URL(filePath: state.absolute("features").display)
    let all = FileManager.default.enumerator(at: features, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL }
    return (all ?? []).filter { $0.pathExtension == "safetensors" }
  }

  private func name(_ clip: ClipID) -> String { names[clip] ?? "\(clip)" }

  /// What a worker would publish.
  private func pretend(_ spec: ExtractSpec, _ places: [(staged: String, place: BytePath)]) throws {
    let facts = ClipFacts(
      container: "mov", codec: "h264", width: 720, height: 404, decodedFrames: 9, frameCount: 9, frameRate: 1,
      duration: 9, bitRate: nil, hasAudio: false, captured: nil)
    let micro = MicroFacts(bytes: 4, frames: 1, bitRate: 8)
    let skipped = spec.clips.filter { unreadableFiles.contains($0.path.lastComponent.display) }
    let clips = spec.clips.filter { !skipped.contains($0) }
    for (staged, place) in places {
      let folder = place.deletingLastComponent.display
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      if staged == ExtractSpec.ledgerName {
        let ledger = ExtractLedger(
          entries: clips.map { file in
            undecodable.contains(name(file.clip))
              ? .init(clip: file.clip, outcome: .unreadable(reason: "noise"), facts: nil, short: false)
              : .init(
                clip: file.clip, outcome: .decoded, facts: facts, short: false, micro: spec.micro == nil ? nil : micro)
          },
          shards: spec.backbones.enumerated().map {
            .init(backbone: $1.backbone.name, fingerprint: $1.fingerprint, index: $0)
          }, micro: spec.micro?.fingerprint,
          skips: skipped.isEmpty ? nil : skipped.map { .init(clip: $0.clip, reason: "Input/output error") })
        try CanonicalJSON.encodePretty(ledger).write(to: URL(filePath: place.display))
      } else {
        let clips = clips.filter { !undecodable.contains(name($0.clip)) }
        if clips.isEmpty { continue }
        try? FileManager.default.removeItem(atPath: place.display)
        try TensorFile.write(
          clips.map { TensorData(name: $0.clip.digest.hex, uint8: Array($0.clip.digest.bytes), shape: [32]) },
          hasDigests: true, to: place)
      }
    }
  }
}
