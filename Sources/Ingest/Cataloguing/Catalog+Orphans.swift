package import Vocabulary

/// Clips of which no file is left: deleted, or replaced by another. What was computed of them stays for a while, because a
/// disk that is not mounted looks the same.
extension Catalog {
  /// Notes since when each clip has had no file, the removed ones of retention not counted.
  ///
  /// - Parameter now: seconds since 1970.
  package func noteOrphans(now: Int64) throws {
    try database.query(
      """
      UPDATE clip SET orphaned = CASE WHEN orphaned IS NULL THEN ? END
      WHERE (orphaned IS NULL) != EXISTS (SELECT 1 FROM location WHERE location.clip = number)
      """, [.integer(now)])
  }

  /// Clips without a file at that time and since, that have features in a shard, by the shard's path.
  package func orphans(since: Int64) throws -> [BytePath: Set<ClipID>] {
    var found: [BytePath: Set<ClipID>] = [:]
    try database.query(
      """
      SELECT path, digest FROM clip JOIN feature ON feature.clip = clip.number JOIN shard ON shard.number = feature.shard
      WHERE orphaned <= ?
      """, [.integer(since)]
    ) { found[$0.path(0), default: []].insert(ClipID(try $0.digest(1))) }
    return found
  }
}
