package import Vocabulary
package import WorkUnits

/// What the catalog takes from one published extract unit.
package struct ExtractedBatch: Sendable {
  package var ledger: ExtractLedger
  /// The ledger's file name: a ledger is absorbed once.
  package var name: String
  /// Paths of the shards relative to the state directory, by their index in the ledger; absent where no clip had frames.
  package var shards: [Int: BytePath]
  /// That of the micro clips likewise; they are recorded like features, under their own fingerprint.
  package var micro: BytePath?
  /// What a shard holds, where that is not every clip that had frames.
  package var clips: [BytePath: Set<ClipID>] = [:]

  package init(ledger: ExtractLedger, name: String, shards: [Int: BytePath], micro: BytePath? = nil) {
    self.ledger = ledger
    self.name = name
    self.shards = shards
    self.micro = micro
  }
}

/// A clip whose features are all there, with what a data set needs to know of it.
package struct ReadyClip: Sendable {
  package var clip: ClipID
  package var bytes: Int64
  package var facts: ClipFacts
  /// Nil when there is no micro clip, and no way to make one any more.
  package var micro: MicroFacts?
  /// Shard paths relative to the state directory, in the order of the fingerprints asked for.
  package var shards: [BytePath]
}

extension Catalog {
  /// Says which features are wanted now, so that `pending` tells what is missing. A micro clip counts as one, under its own
  /// fingerprint. Unreadable clips want none.
  package func want(_ fingerprints: [StageKey]) throws {
    try database.query(
      "UPDATE clip SET pending = \(Self.isPending(fingerprints.count))", fingerprints.map { .blob($0.digest) })
  }

  package func isAbsorbed(ledger name: String) throws -> Bool {
    var known = false
    try database.query("SELECT 1 FROM ledger WHERE name = ?", [.text(name)]) { _ in known = true }
    return known
  }

  package func forget(ledger name: String) throws {
    try database.query("DELETE FROM ledger WHERE name = ?", [.text(name)])
  }

  /// Takes in what an extract unit found. Call `want` before: pending is kept true to the wanted fingerprints.
  package func absorb(_ batch: ExtractedBatch, wanted: [StageKey]) throws {
    try database.transaction {
      try database.query("INSERT OR IGNORE INTO ledger(name) VALUES (?)", [.text(batch.name)])
      try record(batch)
      for entry in batch.ledger.entries { try updatePending(entry.clip, wanted: wanted) }
    }
  }

  func record(_ batch: ExtractedBatch) throws {
    let entries = batch.ledger.entries
    for entry in entries { try record(entry) }
    for shard in batch.ledger.shards {
      guard let path = batch.shards[shard.index] else { continue }
      let clips = entries.filter(\.outcome.hasFrames).map(\.clip)
      try record(path, fingerprint: shard.fingerprint, of: clips, holding: batch.clips[path])
    }
    if let path = batch.micro, let fingerprint = batch.ledger.micro {
      let clips = entries.filter { $0.micro != nil }.map(\.clip)
      try record(path, fingerprint: fingerprint, of: clips, holding: batch.clips[path])
    }
  }

  /// Forgets shards that are gone from the disk; their clips become pending again.
  package func loseShards(_ paths: [BytePath], wanted: [StageKey]) throws {
    try database.transaction {
      for path in paths { try database.query("DELETE FROM shard WHERE path = ?", [.blob(path.bytes)]) }
    }
    if !paths.isEmpty { try want(wanted) }
  }

  /// Forgets what a shard holds of one clip, which becomes pending again, where it holds another clip, too.
  ///
  /// - Returns: whether it does.
  package func loseFeatures(of clip: ClipID, in path: BytePath, wanted: [StageKey]) throws -> Bool {
    let values: [Database.Value] = [.blob(path.bytes), .blob(clip.digest)]
    var isShared = false
    try database.query(
      """
      SELECT 1 FROM feature JOIN shard ON shard.number = feature.shard JOIN clip ON clip.number = feature.clip
      WHERE shard.path = ? AND clip.digest <> ? LIMIT 1
      """, values
    ) { _ in isShared = true }
    guard isShared else { return false }
    try database.transaction {
      try database.query(
        """
        DELETE FROM feature WHERE shard = (SELECT number FROM shard WHERE path = ?)
        AND clip = (SELECT number FROM clip WHERE digest = ?)
        """, values)
      try updatePending(clip, wanted: wanted)
    }
    return true
  }

  package func shardPaths() throws -> [BytePath] {
    var paths: [BytePath] = []
    try database.query("SELECT path FROM shard ORDER BY path") { paths.append($0.path(0)) }
    return paths
  }

  /// Every clip that has all the given features, in order of clip.
  package func ready(_ fingerprints: [StageKey]) throws -> [ReadyClip] {
    try ready(fingerprints, condition: "", values: [])
  }

  /// Which clips they are, in order: much less than all that is known of them.
  package func readyClips(_ fingerprints: [StageKey]) throws -> [ClipID] {
    let conditions = fingerprints.map { _ in
      "AND EXISTS (SELECT 1 FROM feature WHERE feature.clip = clip.number AND fingerprint = ?)"
    }
    var clips: [ClipID] = []
    try database.query(
      "SELECT digest FROM clip WHERE facts IS NOT NULL \(conditions.joined(separator: " ")) ORDER BY digest",
      fingerprints.map { .blob($0.digest) }
    ) { clips.append(ClipID(try $0.digest(0))) }
    return clips
  }

  /// Those of them that a run has neither scored nor learned from, in order of clip, at most `limit`.
  package func unscored(_ fingerprints: [StageKey], run: StageKey, limit: Int) throws -> [ReadyClip] {
    try ready(
      fingerprints,
      condition: """
        AND NOT EXISTS (SELECT 1 FROM score WHERE run = ? AND score.clip = clip.number)
        AND NOT EXISTS (SELECT 1 FROM fold WHERE fold.clip = clip.number)
        AND EXISTS (SELECT 1 FROM location WHERE location.clip = clip.number AND provisional = 0)
        """, values: [.blob(run.digest)], limit: limit)
  }

  private func ready(
    _ fingerprints: [StageKey], condition: String, values: [Database.Value], limit: Int = .max
  ) throws -> [ReadyClip] {
    var clips: [ReadyClip] = []
    let columns = fingerprints.indices.map { ", s\($0).path" }.joined()
    let joins = fingerprints.indices.map {
      """
       JOIN feature f\($0) ON f\($0).clip = clip.number AND f\($0).fingerprint = ?
       JOIN shard s\($0) ON s\($0).number = f\($0).shard
      """
    }.joined()
    try database.query(
      """
      SELECT digest, bytes, facts, micro, \(Self.given)\(columns) FROM clip\(joins)
      WHERE facts IS NOT NULL \(condition) ORDER BY digest LIMIT ?
      """,
      fingerprints.map { .blob($0.digest) } + values + [.integer(limit)]
    ) { row in
      clips.append(
        ReadyClip(
          clip: ClipID(try row.digest(0)), bytes: row.integer(1),
          facts: try Self.decode(ClipFacts.self, row.text(2)),
          micro: try row.optionalText(4).map { try Self.decode(GivenMicro.self, $0).micro }
            ?? row.optionalText(3).map { try Self.decode(MicroFacts.self, $0) },
          shards: fingerprints.indices.map { row.path(Int32(5 + $0)) }))
    }
    return clips
  }

  /// The micro clip that a source of micro clips has brought for a clip of the table `clip`: JSON of `GivenMicro`, or null.
  private static let given = """
    (SELECT json_object('bytes', given.bytes, 'facts', json(given.facts)) FROM location AS own
     JOIN location AS file ON file.holds_micro = 1 AND file.name = own.name AND file.provisional = 0
     JOIN clip AS given ON given.number = file.clip
     WHERE own.clip = clip.number AND given.facts IS NOT NULL ORDER BY file.root, file.path LIMIT 1)
    """

  private struct GivenMicro: Decodable {
    var bytes: Int
    var facts: ClipFacts

    var micro: MicroFacts {
      MicroFacts(
        bytes: bytes, frames: facts.frameCount ?? 0,
        bitRate: facts.bitRate ?? (facts.duration > 0 ? Int64(min(Double(bytes) * 8 / facts.duration, 1e15)) : 0))
    }
  }

  private func record(_ entry: ExtractLedger.Entry) throws {
    // Some file of it could be read.
    try forgive(entry.clip)
    let state =
      switch entry.outcome {
      case .decoded: "decoded"
      case .partial: "partial"
      case .unreadable: "unreadable"
      }
    // A ledger may know a clip that no file shows any more: the catalog can be filled again from ledgers alone.
    try database.query(
      "INSERT INTO clip(digest, bytes) VALUES (?, 0) ON CONFLICT DO NOTHING", [.blob(entry.clip.digest)])
    // Units that make different things of a clip see it to different ends. What counts must not depend on their order: once
    // unreadable, always; and the pass that made the micro clip went furthest.
    try database.query(
      """
      UPDATE clip SET state = ?, outcome = ?, facts = ?
      WHERE digest = ? AND (? OR state = 'pending' OR (state != 'unreadable' AND (? OR micro IS NULL)))
      """,
      [
        .text(state), .text(try Self.json(entry.outcome)), .optional(try entry.facts.map { try Self.json($0) }),
        .blob(entry.clip.digest), .integer(entry.outcome.hasFrames ? 0 : 1), .integer(entry.micro == nil ? 0 : 1),
      ])
    guard let micro = entry.micro else { return }
    try database.query(
      "UPDATE clip SET micro = ? WHERE digest = ?", [.text(try Self.json(micro)), .blob(entry.clip.digest)])
  }

  private func record(
    _ shard: BytePath, fingerprint: StageKey, of clips: [ClipID], holding held: Set<ClipID>?
  ) throws {
    try database.query(
      "INSERT INTO shard(path, fingerprint) VALUES (?, ?) ON CONFLICT(path) DO UPDATE SET path = excluded.path",
      [.blob(shard.bytes), .blob(fingerprint.digest)])
    for clip in clips where held?.contains(clip) ?? true {
      try database.query(
        """
        INSERT OR REPLACE INTO feature(clip, fingerprint, shard) VALUES (
          (SELECT number FROM clip WHERE digest = ?), ?, (SELECT number FROM shard WHERE path = ?))
        """, [.blob(clip.digest), .blob(fingerprint.digest), .blob(shard.bytes)])
    }
  }

  func updatePending(_ clip: ClipID, wanted: [StageKey]) throws {
    try database.query(
      "UPDATE clip SET pending = \(Self.isPending(wanted.count)) WHERE digest = ?",
      wanted.map { .blob($0.digest) } + [.blob(clip.digest)])
  }

  /// Whether a clip of the table `clip` waits, given as many fingerprints.
  private static func isPending(_ count: Int) -> String {
    let marks = repeatElement("?", count: count).joined(separator: ",")
    return """
      CASE WHEN is_micro THEN state = 'pending' ELSE state != 'unreadable' AND
        (SELECT COUNT(*) FROM feature WHERE feature.clip = number AND fingerprint IN (\(marks))) < \(count) END
      """
  }
}
