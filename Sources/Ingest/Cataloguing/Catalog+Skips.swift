package import Vocabulary

/// Files that could not be read as the clip that they are known to hold: the disk refuses, or their bytes have changed. That
/// says nothing of the clip, and may pass: such a file rests and is tried again, each time later, and in the end not by itself
/// any more. What lands under its name again begins anew, and so does what was read after all.
extension Catalog {
  /// Notes that a file could not be read once more.
  ///
  /// - Parameters:
  ///   - now: seconds since 1970.
  ///   - rests: seconds to rest after the first time, the second, and so on.
  /// - Returns: true when it has had all its rests: it is not tried again by itself.
  package func skip(_ file: ClipFile, reason: String, now: Int64, rests: [Int64]) throws -> Bool {
    try database.transaction {
      var known: [(place: SourceFile, skips: Int)] = []
      try database.query(
        "SELECT root, path, skips FROM location JOIN clip ON clip = number WHERE digest = ?",
        [.blob(file.clip.digest)]
      ) { known.append((SourceFile(root: $0.path(0), path: $0.path(1)), $0.int(2))) }
      guard let (place, skips) = known.first(where: { $0.place.file == file.path }) else { return false }
      let isLast = skips >= rests.count
      try database.query(
        "UPDATE location SET skips = ?, fault = ?, rests = ? WHERE root = ? AND path = ?",
        [
          .integer(skips + 1), .text(reason), .integer(isLast ? Int64.max : now + rests[skips]),
          .blob(place.root.bytes),
          .blob(place.path.bytes),
        ])
      return isLast
    }
  }

  /// Has files tried at once that rest or are not tried any more, of these clips or of all.
  package func forgive(_ clips: [ClipID]?) throws {
    let change = "UPDATE location SET skips = 0, fault = NULL, rests = NULL WHERE skips > 0"
    guard let clips else { return try database.query(change) }
    try database.transaction { for clip in clips { try forgive(clip) } }
  }

  /// Ends the rests that would end by themselves: a clock may have been set since.
  package func wake() throws {
    try database.query("UPDATE location SET rests = NULL WHERE rests < ?", [.integer(Int64.max)])
  }

  func forgive(_ clip: ClipID) throws {
    try database.query(
      """
      UPDATE location SET skips = 0, fault = NULL, rests = NULL
      WHERE clip = (SELECT number FROM clip WHERE digest = ?) AND skips > 0
      """, [.blob(clip.digest)])
  }

  /// Pending clips that no copy can be read of now: those that will be tried again, and those that will not.
  func skipped(now: Int64) throws -> (resting: Int, faulty: Int) {
    var counts = (resting: 0, faulty: 0)
    try database.query(
      """
      SELECT MIN(location.rests) FROM location JOIN clip ON number = location.clip
      WHERE location.rests > ?1 AND location.present = 1 AND pending = 1 AND NOT EXISTS (
        SELECT 1 FROM location AS copy WHERE copy.clip = number AND copy.present = 1 AND COALESCE(copy.rests, 0) <= ?1)
      GROUP BY number
      """, [.integer(now)]
    ) { row in
      if row.integer(0) == .max { counts.faulty += 1 } else { counts.resting += 1 }
    }
    return counts
  }
}
