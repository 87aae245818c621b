package import Vocabulary
internal import WorkUnits

/// What the catalog finds in one shard.
package struct ShardContents: Sendable {
  /// In order.
  package var live: [ClipID]
  /// Those that have had no file for long enough; the same order.
  package var gone: [ClipID]
}

/// Shards that take the place of others, and folders of shards that go as a whole.
extension Catalog {
  /// - Parameter since: a clip without a file at that time and since is gone.
  package func contents(of shard: BytePath, goneSince since: Int64) throws -> ShardContents {
    var contents = ShardContents(live: [], gone: [])
    try database.query(
      """
      SELECT digest, orphaned <= ? AND NOT EXISTS (SELECT 1 FROM location WHERE location.clip = clip.number)
      FROM shard JOIN feature ON feature.shard = shard.number JOIN clip ON clip.number = feature.clip
      WHERE path = ? ORDER BY digest
      """, [.integer(since), .blob(shard.bytes)]
    ) { row in
      let clip = ClipID(try row.digest(0))
      if row.int(1) == 1 { contents.gone.append(clip) } else { contents.live.append(clip) }
    }
    return contents
  }

  /// How many clips the catalog finds in each shard.
  package func clipsByShard() throws -> [BytePath: Int] {
    var counts: [BytePath: Int] = [:]
    try database.query(
      "SELECT path, COUNT(*) FROM shard JOIN feature ON feature.shard = shard.number GROUP BY shard.number"
    ) { counts[$0.path(0)] = $0.int(1) }
    return counts
  }

  /// Lets what a compacted ledger brought take the place of other shards, all at once. What those held beyond it is
  /// forgotten, and their clips are pending again. The ledger does not count as absorbed before `settle`, so that a daemon
  /// which dies before the old files are gone takes it up again.
  package func replace(_ shards: [BytePath], by batch: ExtractedBatch, wanted: [StageKey]) throws {
    try database.transaction {
      var touched = Set(batch.ledger.entries.map(\.clip))
      for shard in shards {
        try database.query(
          """
          SELECT digest FROM shard JOIN feature ON feature.shard = shard.number JOIN clip ON clip.number = feature.clip
          WHERE path = ?
          """, [.blob(shard.bytes)]
        ) { touched.insert(ClipID(try $0.digest(0))) }
      }
      try record(batch)
      for shard in shards { try database.query("DELETE FROM shard WHERE path = ?", [.blob(shard.bytes)]) }
      for clip in touched.sorted() { try updatePending(clip, wanted: wanted) }
    }
  }

  /// The ledger counts as absorbed, and those that it stands for are forgotten.
  package func settle(ledger name: String, forgetting others: [String]) throws {
    try database.transaction {
      for other in others { try forget(ledger: other) }
      try database.query("INSERT OR IGNORE INTO ledger(name) VALUES (?)", [.text(name)])
    }
  }

  /// Notes since when each of these folders has not been wanted, and forgets that of all others.
  ///
  /// - Parameter now: seconds since 1970.
  /// - Returns: since when, by folder.
  package func noteUnwanted(_ folders: Set<BytePath>, now: Int64) throws -> [BytePath: Int64] {
    try database.transaction {
      var known: [BytePath: Int64] = [:]
      try database.query("SELECT folder, since FROM unwanted") { known[$0.path(0)] = $0.integer(1) }
      for folder in known.keys.sorted() where !folders.contains(folder) {
        try database.query("DELETE FROM unwanted WHERE folder = ?", [.blob(folder.bytes)])
        known[folder] = nil
      }
      for folder in folders.sorted() where known[folder] == nil {
        try database.query(
          "INSERT INTO unwanted(folder, since) VALUES (?, ?)", [.blob(folder.bytes), .integer(now)])
        known[folder] = now
      }
      return known
    }
  }

  /// Forgets every shard in a folder that nobody wants: no clip becomes pending by that.
  package func loseShards(in folder: BytePath) throws {
    let prefix = folder.bytes + [UInt8(ascii: "/")]
    try database.query(
      "DELETE FROM shard WHERE SUBSTR(path, 1, ?) = ?", [.integer(prefix.count), .blob(prefix)])
  }
}
