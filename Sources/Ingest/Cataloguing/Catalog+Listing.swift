package import Vocabulary

/// A clip as `primatrixctl clips` lists it.
package struct ClipListing: Sendable {
  /// For paging: ask for the clips after this one.
  package var number: Int64
  package var clip: ClipID
  package var state: String
  package var bytes: Int64
  package var outcome: ClipOutcome?
  package var facts: ClipFacts?
  /// Why a copy of it could not be read the last time.
  package var fault: String?
  /// Where it lies, every copy; empty when no file is left.
  package var paths: [BytePath]
}

extension Catalog {
  /// Clips in the order of their arrival, at most `limit`, after clip number `after`, of one state or of all.
  package func list(state: String?, after: Int64, limit: Int) throws -> [ClipListing] {
    var clips: [ClipListing] = []
    let filter = state == nil ? "" : "AND state = ?"
    let values: [Database.Value] = state.map { [.integer(after), .text($0)] } ?? [.integer(after)]
    try database.query(
      """
      SELECT number, digest, state, bytes, outcome, facts, \(Self.fault) FROM clip
      WHERE number > ? AND is_micro = 0 \(filter) ORDER BY number LIMIT ?
      """,
      values + [.integer(limit)]
    ) { row in
      clips.append(
        ClipListing(
          number: row.integer(0), clip: ClipID(try row.digest(1)), state: row.text(2), bytes: row.integer(3),
          outcome: try row.optionalText(4).map { try Self.decode(ClipOutcome.self, $0) },
          facts: try row.optionalText(5).map { try Self.decode(ClipFacts.self, $0) }, fault: row.optionalText(6),
          paths: []))
    }
    for index in clips.indices {
      try database.query(
        "SELECT root, path FROM location WHERE clip = ? ORDER BY root, path", [.integer(clips[index].number)]
      ) { clips[index].paths.append($0.path(0).appending($0.path(1))) }
    }
    return clips
  }

  /// `ClipListing.fault` of a clip of the table `clip`.
  static let fault =
    "(SELECT fault FROM location WHERE location.clip = number AND fault IS NOT NULL ORDER BY root, path LIMIT 1)"

  /// The reasons of unreadable clips, to tell them in a submission's record.
  package func unreadable() throws -> [ClipID: String] {
    var reasons: [ClipID: String] = [:]
    try database.query("SELECT digest, outcome FROM clip WHERE state = 'unreadable' AND is_micro = 0") { row in
      if case .unreadable(let reason) = try Self.decode(ClipOutcome.self, row.text(1)) {
        reasons[ClipID(try row.digest(0))] = reason
      }
    }
    return reasons
  }
}
