internal import Foundation
package import Vocabulary
package import WorkUnits

/// Everything the catalog knows of one clip.
package struct ClipRecord: Sendable {
  package var listing: ClipListing
  package var micro: MicroFacts?
  /// Every file of it, those that retention has removed and those of unchecked archives too, by folder and path.
  package var files: [Landing]
  /// Fingerprints of what was computed of it: features, and its micro clip.
  package var products: Set<StageKey>
  /// In the newest plan that learns from it.
  package var fold: Int?
  package var scores: Scores?

  /// Of the newest run that scored it, one probability a class.
  package struct Scores: Sendable {
    package var run: RunRecord
    package var probabilities: [Float]
  }
}

extension Catalog {
  /// Files whose path is this name, or ends with a slash and the name; an absolute name is a whole path. By folder and path.
  package func landings(called name: BytePath) throws -> [Landing] {
    // Longer than any path that the kernel takes: whoever asks so wants to be looked for for long.
    if name.bytes.count >= Int(PATH_MAX) { return [] }
    if name.isAbsolute { return try landings(whole: name) }
    let suffix = [UInt8(ascii: "/")] + name.bytes
    return try landings(
      where: "path = ?1 OR SUBSTR(path, ?2) = ?3",
      [.blob(name.bytes), .integer(-suffix.count), .blob(suffix)])
  }

  /// The clips that a name means, at most `limit`, in the order of their arrival: the first eight or more digits of one's
  /// SHA-256, else the files of exactly this name, else those whose path ends with it.
  package func find(_ name: BytePath, limit: Int) throws -> [ClipID] {
    var clips = try find(digits: name, limit: limit)
    // A name beyond ASCII is written in one of two ways: macOS writes `ï` as two characters.
    for spelling in Self.spellings(name) where clips.isEmpty {
      let files = try landings(called: spelling)
      let exact = files.filter { $0.path == spelling }
      clips = (exact.isEmpty ? files : exact).map(\.clip)
    }
    var seen: Set<ClipID> = []
    return Array(clips.filter { seen.insert($0).inserted }.prefix(limit))
  }

  /// Nil when there is no such clip.
  package func record(of clip: ClipID) throws -> ClipRecord? {
    var record: ClipRecord?
    var number: Int64 = 0
    try database.query(
      """
      SELECT number, state, bytes, outcome, facts, micro, fold, \(Self.fault)
      FROM clip LEFT JOIN fold ON fold.clip = number WHERE digest = ?
      """,
      [.blob(clip.digest)]
    ) { row in
      number = row.integer(0)
      record = ClipRecord(
        listing: ClipListing(
          number: number, clip: clip, state: row.text(1), bytes: row.integer(2),
          outcome: try row.optionalText(3).map { try Self.decode(ClipOutcome.self, $0) },
          facts: try row.optionalText(4).map { try Self.decode(ClipFacts.self, $0) }, fault: row.optionalText(7),
          paths: []),
        micro: try row.optionalText(5).map { try Self.decode(MicroFacts.self, $0) }, files: [], products: [],
        fold: row.isNull(6) ? nil : row.int(6))
    }
    guard var record else { return nil }
    record.files = try landings(where: "location.clip = ?1", [.integer(number)])
    record.listing.paths = record.files.map { $0.root.appending($0.path) }
    try database.query("SELECT fingerprint FROM feature WHERE clip = ?", [.integer(number)]) { row in
      record.products.insert(StageKey(try row.digest(0)))
    }
    record.scores = try scores(ofClip: number)
    return record
  }

  /// Makes clips that could not be decoded wait for extraction again.
  package func reconsider(_ clips: some Sequence<ClipID>) throws {
    try database.transaction {
      for clip in clips {
        try database.query(
          "UPDATE clip SET state = 'pending', outcome = NULL, pending = 1 WHERE digest = ? AND state = 'unreadable'",
          [.blob(clip.digest)])
      }
    }
  }

  // MARK: parts

  private func scores(ofClip number: Int64) throws -> ClipRecord.Scores? {
    var scores: ClipRecord.Scores?
    try database.query(
      """
      SELECT record, probabilities FROM run JOIN score ON score.run = run.key WHERE score.clip = ?
      ORDER BY run.number DESC LIMIT 1
      """, [.integer(number)]
    ) { row in
      scores = ClipRecord.Scores(
        run: try Self.decode(RunRecord.self, row.text(0)),
        probabilities: row.blob(1).withUnsafeBytes { raw in
          (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
        })
    }
    return scores
  }

  /// A whole path is one of few folders and the rest: each split is looked up.
  private func landings(whole path: BytePath) throws -> [Landing] {
    var found: [Landing] = []
    for (index, byte) in path.bytes.enumerated() where byte == UInt8(ascii: "/") && index > 0 {
      let (root, rest) = (Array(path.bytes[..<index]), Array(path.bytes[(index + 1)...]))
      found += try landings(where: "root = ?1 AND path = ?2", [.blob(root), .blob(rest)])
    }
    return found
  }

  private func landings(where condition: String, _ values: [Database.Value]) throws -> [Landing] {
    var found: [Landing] = []
    try database.query(
      """
      SELECT root, path, digest, location.bytes, modified, origin, provisional, present
      FROM location JOIN clip ON location.clip = number WHERE \(condition) ORDER BY root, path
      """, values
    ) { row in
      found.append(
        Landing(
          root: row.path(0), path: row.path(1), clip: ClipID(try row.digest(2)), bytes: row.integer(3),
          modified: row.integer(4), origin: row.isNull(5) ? nil : try row.digest(5), isProvisional: row.int(6) == 1,
          isPresent: row.int(7) == 1))
    }
    return found
  }

  /// Nothing where the name is not the beginning of a digest.
  private func find(digits name: BytePath, limit: Int) throws -> [ClipID] {
    guard let text = name.string?.lowercased(), (8...64).contains(text.count), text.allSatisfy(\.isHexDigit),
      let low = Digest(hex: text + String(repeating: "0", count: 64 - text.count)),
      let high = Digest(hex: text + String(repeating: "f", count: 64 - text.count))
    else { return [] }
    var clips: [ClipID] = []
    try database.query(
      "SELECT digest FROM clip WHERE digest BETWEEN ? AND ? ORDER BY number LIMIT ?",
      [.blob(low), .blob(high), .integer(limit)]
    ) { clips.append(ClipID(try $0.digest(0))) }
    return clips
  }

  private static func spellings(_ name: BytePath) -> [BytePath] {
    guard let text = name.string, text.utf8.contains(where: { $0 >= 0x80 }) else { return [name] }
    return [
      name, BytePath(text.precomposedStringWithCanonicalMapping), BytePath(text.decomposedStringWithCanonicalMapping),
    ]
  }
}
