package import Cataloguing
internal import Durability
internal import Foundation
internal import Journal
internal import Subprocesses
package import Vocabulary
internal import WorkUnits

/// Gives back what features take that nobody will ask for, and joins small shards. It works on what extract units published,
/// their shards and their ledgers, one job after the other, and only while no unit runs: a worker may have shards open.
package struct Compactor: Sendable {
  let stage: ExtractStage
  let catalog: Catalog
  private let sizes: Sizes

  /// What is gone or not wanted any more is missed this long, in seconds, before its features are dropped: a disk may come
  /// back, and people change their minds.
  package static let patience: Int64 = 30 * 86400

  /// Of the largest shard of a unit, in bytes: that of its widest backbone.
  package struct Sizes: Sendable {
    /// Smaller ones are joined.
    package var small: Int64
    /// What joined ones have at most, and at least half of, unless `many` are there.
    package var full: Int64
    /// So many are joined however small they are.
    package var many: Int
    /// Clips of the units that are joined, for their ledger's sake.
    package var clips: Int

    package init(small: Int64 = 16 << 20, full: Int64 = 64 << 20, many: Int = 64, clips: Int = 4096) {
      (self.small, self.full, self.many, self.clips) = (small, full, many, clips)
    }
  }

  package init(stage: ExtractStage, catalog: Catalog, sizes: Sizes = Sizes()) {
    self.stage = stage
    self.catalog = catalog
    self.sizes = sizes
  }

  package enum Job: Sendable, Equatable {
    /// Remove a folder of shards.
    case drop(BytePath)
    /// Write what units published anew as one, without what is gone: ledgers' names, and the folders in which the catalog
    /// knows shards of theirs. A ledger that does not name all of these is left alone.
    case rewrite([String], folders: Set<BytePath>)
  }

  package enum Verdict: Equatable, Sendable {
    case keep, rewrite

    /// Copying is worth it when it gives back as much as it copies.
    package init(live: Int, dead: Int) { self = dead >= live ? .rewrite : .keep }
  }

  /// What there is to do.
  ///
  /// - Parameters:
  ///   - now: seconds since 1970.
  ///   - kept: fingerprints that are wanted beside those of the configured backbones.
  package func plan(now: Int64, keeping kept: some Sequence<StageKey>) async throws -> [Job] {
    try await catalog.noteOrphans(now: now)
    let dropped = try await unwanted(now: now, keeping: kept)
    var wasteful: [String: Set<BytePath>] = [:]
    let orphans = try await catalog.orphans(since: now - Self.patience)
    for (name, paths) in Dictionary(grouping: orphans.keys, by: { stage.ledger(of: $0) }) {
      let clips = paths.reduce(into: Set<ClipID>()) { $0.formUnion(orphans[$1] ?? []) }
      guard let ledger = stage.read(ledger: name) else { continue }
      let live = ledger.entries.count { !clips.contains($0.clip) }
      if Verdict(live: live, dead: clips.count) == .keep { continue }
      wasteful[name] = Set(paths.map(\.deletingLastComponent))
    }
    let small = try await small(except: Set(wasteful.keys), in: dropped)
    return dropped.map { .drop($0) } + wasteful.sorted { $0.key < $1.key }.map { .rewrite([$0.key], folders: $0.value) }
      + small.map { .rewrite($0.map(\.name), folders: Set($0.flatMap(\.kind))) }
  }

  /// Returns whether features were lost: what was found damaged has to be made again.
  package func perform(_ job: Job, now: Int64) async throws -> Bool {
    switch job {
    case .drop(let folder):
      try await catalog.loseShards(in: folder)
      try stage.between()
      try await BlockingThread.run(named: "compact") { try Durability.removeTree(stage.state.absolute(folder)) }
      Journal.record(.notice, "\(folder) was removed: no configured network has wanted it for a month")
      return false
    case .rewrite(let ledgers, let folders): return try await rewrite(ledgers, in: folders, now: now)
    }
  }

  /// Folders that have not been wanted for long enough. Micro clips are kept whatever their format: where no original is
  /// left they could never be made again.
  private func unwanted(now: Int64, keeping kept: some Sequence<StageKey>) async throws -> [BytePath] {
    let names = Set((stage.features + kept).map(\.name))
    let folders = try await BlockingThread.run(named: "compact") { try stage.folders() }.filter { folder in
      !names.contains(folder.lastComponent.display)
        && folder.deletingLastComponent.lastComponent.display != MicroFormat.shardFolder
    }
    let since = try await catalog.noteUnwanted(Set(folders), now: now)
    for folder in folders where since[folder] == now {
      Journal.record(
        .notice, "\(folder) is of no configured network: it is removed in a month unless one wants it again")
    }
    return folders.filter { since[$0].map { now - $0 >= Self.patience } ?? false }
  }

  /// Groups of units that have made the same and have small shards.
  private func small(except others: Set<String>, in dropped: [BytePath]) async throws -> [[Unit]] {
    let shards = try await catalog.shardPaths().filter { !dropped.contains($0.deletingLastComponent) }
    let units = Dictionary(grouping: shards) { stage.ledger(of: $0) }.filter { !others.contains($0.key) }
    let clips = try await catalog.clipsByShard()
    let sized = try await BlockingThread.run(named: "compact") {
      units.map { name, shards in
        Unit(
          name: name, kind: shards.map(\.deletingLastComponent).sorted(),
          bytes: shards.map { size(of: $0) }.max() ?? 0, clips: shards.map { clips[$0] ?? 0 }.max() ?? 0)
      }
    }
    return Self.groups(of: sized, sizes)
  }

  private func size(of shard: BytePath) -> Int64 {
    var status = stat()
    return stage.state.absolute(shard).withCString { stat($0, &status) } == 0 ? Int64(status.st_size) : 0
  }

  /// What an extract unit has published.
  package struct Unit: Sendable {
    package var name: String
    /// Folders of its shards: only units that have made the same can be joined.
    package var kind: [BytePath]
    /// Of its largest shard.
    package var bytes: Int64
    package var clips: Int

    package init(name: String, kind: [BytePath], bytes: Int64, clips: Int) {
      (self.name, self.kind, self.bytes, self.clips) = (name, kind, bytes, clips)
    }
  }

  /// Which units are to be joined, in an order that depends on their names alone. A byte is copied once, or, where shards
  /// are so small that many of them are less than half of a full one, a few times.
  package static func groups(of units: [Unit], _ sizes: Sizes) -> [[Unit]] {
    let small = units.filter { $0.bytes < sizes.small && $0.clips * 4 < sizes.clips }
    let kinds = Dictionary(grouping: small, by: \.kind)
    var groups: [[Unit]] = []
    for kind in kinds.values.map({ $0.sorted { $0.name < $1.name } }).sorted(by: { $0[0].name < $1[0].name }) {
      var (group, bytes, clips): ([Unit], Int64, Int) = ([], 0, 0)
      func close() {
        if group.count > 1 && (bytes * 2 >= sizes.full || group.count >= sizes.many || clips * 2 >= sizes.clips) {
          groups.append(group)
        }
        (group, bytes, clips) = ([], 0, 0)
      }
      for unit in kind {
        if bytes + unit.bytes > sizes.full || clips + unit.clips > sizes.clips { close() }
        group.append(unit)
        bytes += unit.bytes
        clips += unit.clips
      }
      close()
    }
    return groups
  }
}
