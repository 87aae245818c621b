package import Vocabulary
package import WorkUnits

/// A training of the ensemble: planned, under way, or finished with its report.
package struct RunRecord: Sendable, Codable {
  package var key: StageKey
  /// Seconds since 1970.
  package var planned: Int64
  package var finished: Int64?
  /// Labelled clips it learns from, and a digest of which they are with which labels.
  package var labelledClips: Int
  package var learning: StageKey
  /// Digest of the settings that shape it: a run planned under others is not continued.
  package var settings: StageKey
  package var report: ScoringReport?

  package init(
    key: StageKey, planned: Int64, finished: Int64? = nil, labelledClips: Int, learning: StageKey, settings: StageKey,
    report: ScoringReport? = nil
  ) {
    self.key = key
    self.planned = planned
    self.finished = finished
    self.labelledClips = labelledClips
    self.learning = learning
    self.settings = settings
    self.report = report
  }
}

extension Catalog {
  /// Newest first, at most so many.
  package func runs(limit: Int = .max) throws -> [RunRecord] {
    var runs: [RunRecord] = []
    try database.query("SELECT record FROM run ORDER BY number DESC LIMIT ?", [.integer(Int64(limit))]) { row in
      runs.append(try Self.decode(RunRecord.self, row.text(0)))
    }
    return runs
  }

  /// Adds the run, or replaces what is known of it; a run that is saved anew becomes no newer.
  package func save(_ run: RunRecord) throws {
    try database.query(
      "INSERT INTO run(key, record) VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET record = excluded.record",
      [.blob(run.key.digest), .text(try Self.json(run))])
  }

  /// Forgets a run that was given up, so that the same inputs may be planned again.
  package func forget(run key: StageKey) throws {
    try database.query("DELETE FROM run WHERE key = ?", [.blob(key.digest)])
  }

  /// A run and its folds in one step: a plan is there whole or not at all.
  package func plan(_ run: RunRecord, folds: [(ClipID, Int)]) throws {
    try database.transaction {
      try database.query("DELETE FROM fold")
      for (clip, fold) in folds {
        try database.query(
          "INSERT INTO fold(clip, fold) VALUES ((SELECT number FROM clip WHERE digest = ?), ?)",
          [.blob(clip.digest), .integer(fold)])
      }
      try save(run)
    }
  }

  /// Clips that the catalog does not know are passed over.
  package func saveScores(run key: StageKey, _ scores: [(ClipID, [Float])]) throws {
    try database.transaction {
      for (clip, probabilities) in scores {
        try database.query(
          "INSERT OR REPLACE INTO score(run, clip, probabilities) SELECT ?, number, ? FROM clip WHERE digest = ?",
          [.blob(key.digest), .blob(probabilities.withUnsafeBytes { Array($0) }), .blob(clip.digest)])
      }
    }
  }

  package func scores(run key: StageKey) throws -> [ClipID: [Float]] {
    var scores: [ClipID: [Float]] = [:]
    try database.query(
      "SELECT digest, probabilities FROM score JOIN clip ON clip = number WHERE run = ?", [.blob(key.digest)]
    ) { row in
      let bytes = row.blob(1)
      scores[ClipID(try row.digest(0))] = bytes.withUnsafeBytes { raw in
        (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
      }
    }
    return scores
  }

  package func scoreCount(run key: StageKey) throws -> Int {
    var count = 0
    try database.query("SELECT COUNT(*) FROM score WHERE run = ?", [.blob(key.digest)]) { count = $0.int(0) }
    return count
  }

  /// Scores of runs other than this one are of no use any more.
  package func dropScores(except key: StageKey) throws {
    try database.query("DELETE FROM score WHERE run != ?", [.blob(key.digest)])
  }
}
