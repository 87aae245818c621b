package import Vocabulary

/// A file that was found to hold a clip.
package struct Landing: Sendable, Hashable {
  package var root: BytePath
  /// Relative to `root`.
  package var path: BytePath
  package var clip: ClipID
  package var bytes: Int64
  /// Nanoseconds since 1970.
  package var modified: Int64
  /// Names the version of the archive that brought it; nil in a watched folder.
  package var origin: Digest?
  /// True until that archive is known to be what its publisher made. Its features may be extracted; nothing is learned
  /// or published from it.
  package var isProvisional: Bool
  /// False for a clip that has arrived and whose file retention has removed since.
  package var isPresent: Bool
  /// True for a file that is the micro clip of the clip whose file has the same name.
  package var isMicro: Bool

  package init(
    root: BytePath, path: BytePath, clip: ClipID, bytes: Int64, modified: Int64, origin: Digest? = nil,
    isProvisional: Bool = false, isPresent: Bool = true, isMicro: Bool = false
  ) {
    self.root = root
    self.path = path
    self.clip = clip
    self.bytes = bytes
    self.modified = modified
    self.origin = origin
    self.isProvisional = isProvisional
    self.isPresent = isPresent
    self.isMicro = isMicro
  }
}

extension Catalog {
  /// Takes in files; one that was known under the same name is replaced. Returns the clips never seen before.
  package func land(_ landings: [Landing]) throws -> [ClipID] {
    try database.transaction {
      var new: [ClipID] = []
      for landing in landings {
        try database.query(
          """
          INSERT INTO clip(digest, bytes) VALUES (?, ?)
          ON CONFLICT(digest) DO UPDATE SET bytes = excluded.bytes WHERE bytes != excluded.bytes
          """,
          [.blob(landing.clip.digest), .integer(landing.bytes)])
        if database.changes > 0 { new.append(landing.clip) }
        try database.query(
          """
          INSERT INTO location(root, path, clip, bytes, modified, origin, provisional, present, holds_micro, name)
          VALUES (?, ?, (SELECT number FROM clip WHERE digest = ?), ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET clip = excluded.clip, bytes = excluded.bytes, modified = excluded.modified,
            origin = excluded.origin, provisional = excluded.provisional, present = excluded.present,
            holds_micro = excluded.holds_micro, name = excluded.name, skips = 0, fault = NULL, rests = NULL
          """,
          [
            .blob(landing.root.bytes), .blob(landing.path.bytes), .blob(landing.clip.digest), .integer(landing.bytes),
            .integer(landing.modified), .optional(blob: landing.origin?.bytes),
            .integer(landing.isProvisional ? 1 : 0), .integer(landing.isPresent ? 1 : 0),
            .integer(landing.isMicro ? 1 : 0), .blob(landing.path.lastComponent.bytes),
          ])
        try tell(landing.clip, isMicro: landing.isMicro)
      }
      return new
    }
  }

  /// A clip that has any file of its own is a clip.
  private func tell(_ clip: ClipID, isMicro: Bool) throws {
    let change =
      isMicro
      ? """
      is_micro = 1, pending = state = 'pending'
      WHERE digest = ? AND NOT EXISTS (SELECT 1 FROM location WHERE clip = number AND holds_micro = 0)
      """ : "is_micro = 0, pending = 1 WHERE digest = ? AND is_micro = 1"
    try database.query("UPDATE clip SET \(change)", [.blob(clip.digest)])
  }

  /// The file of this name as it was when it landed, to see whether it changed since.
  package func landing(root: BytePath, path: BytePath) throws -> Landing? {
    var found: Landing?
    try database.query(
      """
      SELECT digest, location.bytes, modified, origin, provisional, present FROM location JOIN clip ON clip = number
      WHERE root = ? AND path = ?
      """, [.blob(root.bytes), .blob(path.bytes)]
    ) { row in
      found = Landing(
        root: root, path: path, clip: ClipID(try row.digest(0)), bytes: row.integer(1), modified: row.integer(2),
        origin: row.isNull(3) ? nil : try row.digest(3), isProvisional: row.int(4) == 1, isPresent: row.int(5) == 1)
    }
    return found
  }

  /// Forgets a file that is gone. The clip and what was computed of it stay: the same bytes may come back.
  package func vanish(root: BytePath, path: BytePath) throws -> Bool {
    try database.query("DELETE FROM location WHERE root = ? AND path = ?", [.blob(root.bytes), .blob(path.bytes)])
    return database.changes > 0
  }

  /// The same for a clip's file that is not where it was.
  package func vanish(_ file: ClipFile) throws {
    try database.transaction {
      var gone: [SourceFile] = []
      try database.query(
        "SELECT root, path FROM location JOIN clip ON clip = number WHERE digest = ?", [.blob(file.clip.digest)]
      ) { gone.append(SourceFile(root: $0.path(0), path: $0.path(1))) }
      for each in gone where each.file == file.path { _ = try vanish(root: each.root, path: each.path) }
    }
  }

  /// Every known file of a clip, by root and path, the provisional ones and micro clips left out.
  package func landings() throws -> [Landing] {
    var all: [Landing] = []
    try database.query(
      """
      SELECT root, path, digest, location.bytes, modified FROM location JOIN clip ON clip = number
      WHERE provisional = 0 AND holds_micro = 0 ORDER BY root, path
      """
    ) { row in
      all.append(
        Landing(
          root: row.path(0), path: row.path(1), clip: ClipID(try row.digest(2)), bytes: row.integer(3),
          modified: row.integer(4)))
    }
    return all
  }

  /// Clips whose features are wanted and missing and which lie on disk, oldest arrival first. Micro clips that nobody has
  /// looked at yet are among them, and miss nothing.
  ///
  /// Files that rest (`Catalog+Skips`) are passed over: a copy stands in, or the clip is left out.
  ///
  /// - Parameters:
  ///   - wanted: as `want` has been told.
  ///   - now: seconds since 1970.
  package func pending(limit: Int, wanted: [StageKey], now: Int64) throws -> [PendingClip] {
    let marks = wanted.indices.map { "?\($0 + 3)" }.joined(separator: ",")
    var clips: [PendingClip] = []
    try database.query(
      """
      SELECT digest, location.root, location.path, location.bytes, modified,
        (SELECT GROUP_CONCAT(HEX(fingerprint)) FROM feature
         WHERE feature.clip = clip.number AND fingerprint IN (\(marks))), is_micro FROM clip
      JOIN location ON (root, path) = (
        SELECT root, path FROM location WHERE location.clip = clip.number AND present = 1 AND COALESCE(rests, 0) <= ?2
        ORDER BY root, path LIMIT 1)
      WHERE pending = 1 ORDER BY number LIMIT ?1
      """, [.integer(limit), .integer(now)] + wanted.map { .blob($0.digest) }
    ) { row in
      let there = row.isNull(5) ? [] : row.text(5).split(separator: ",").compactMap { Digest(hex: $0.lowercased()) }
      clips.append(
        PendingClip(
          file: ClipFile(
            clip: ClipID(try row.digest(0)), path: row.path(1).appending(row.path(2)), bytes: row.integer(3),
            modified: row.integer(4)),
          missing: row.int(6) == 1 ? [] : wanted.filter { !there.contains($0.digest) }))
    }
    return clips
  }

  /// How many clips are in which state. Pending ones without a file on disk are `missing`.
  ///
  /// - Parameter now: seconds since 1970.
  package func counts(now: Int64) throws -> CatalogCounts {
    var counts = CatalogCounts()
    try database.query("SELECT state, COUNT(*) FROM clip WHERE is_micro = 0 GROUP BY state") { row in
      counts.byState[row.text(0)] = row.int(1)
    }
    try database.query(
      """
      SELECT COUNT(*) FROM clip WHERE pending = 1
        AND EXISTS (SELECT 1 FROM location WHERE clip = number AND present = 1 AND COALESCE(rests, 0) <= ?)
      """, [.integer(now)]
    ) { counts.pending = $0.int(0) }
    (counts.resting, counts.faulty) = try skipped(now: now)
    try database.query(
      """
      SELECT COUNT(*) FROM clip WHERE pending = 1 AND is_micro = 0
        AND EXISTS (SELECT 1 FROM location WHERE clip = number)
        AND NOT EXISTS (SELECT 1 FROM location WHERE clip = number AND present = 1)
      """
    ) { counts.removed = $0.int(0) }
    return counts
  }

  /// The known files of one root.
  package func paths(root: BytePath) throws -> Set<BytePath> {
    var all: Set<BytePath> = []
    try database.query("SELECT path FROM location WHERE root = ?", [.blob(root.bytes)]) { all.insert($0.path(0)) }
    return all
  }

  /// The known ones among some files of one root, by path.
  package func landings(root: BytePath, paths: [BytePath]) throws -> [BytePath: Landing] {
    var found: [BytePath: Landing] = [:]
    for path in paths { found[path] = try landing(root: root, path: path) }
    return found
  }

  /// Forgets files that are gone, all at once. Returns true when any was known.
  package func vanish(root: BytePath, paths: [BytePath]) throws -> Bool {
    try database.transaction {
      var isKnown = false
      for path in paths where try vanish(root: root, path: path) { isKnown = true }
      return isKnown
    }
  }
}

/// A clip that waits for features.
package struct PendingClip: Sendable, Equatable {
  package var file: ClipFile
  /// In the order in which they are wanted.
  package var missing: [StageKey]
}

package struct CatalogCounts: Sendable, Equatable {
  /// pending, decoded, partial, unreadable.
  package var byState: [String: Int] = [:]
  /// On disk, with features of a configured backbone missing; also micro clips that wait to be looked at.
  package var pending = 0
  /// With features missing that cannot be made, because retention has removed every copy of the clip.
  package var removed = 0
  /// With features missing, and every copy on disk rests: it could not be read, and will be tried again.
  package var resting = 0
  /// Likewise, but not tried again by itself.
  package var faulty = 0

  package init() {}

  package var total: Int { byState.values.reduce(0, +) }
}
