package import Vocabulary

/// How far a source is. Each state names what has become durable; what lies between two states is done again.
package struct SourceProgress: Sendable, Codable, Equatable {
  package enum State: String, Sendable, Codable {
    /// Nothing, or a part that resumes.
    case wanted
    /// The archive is there, whole and checked.
    case downloaded
    /// Its clips are on disk and in the catalog.
    case complete
  }

  /// Digest of the source's settings: another address or digest is another source.
  package var settings: StageKey
  package var state: State
  package var archive: BytePath?
  package var archiveDigest: Digest?
  package var bytes: Int64?
  package var members: Int?
  /// Members left out, and the first of them with their reasons.
  package var rejects = 0
  package var firstRejects: [String] = []
  /// Why unpacking ended before the archive's end; nil when all of it was read.
  package var cutShort: String?

  package init(settings: StageKey, state: State = .wanted) {
    self.settings = settings
    self.state = state
  }
}

extension Catalog {
  /// Nil too when another version wrote it in another form: the source is then gone through again, and what it finds done
  /// on disk it does not do again.
  package func source(_ id: String) throws -> SourceProgress? {
    var progress: SourceProgress?
    try database.query("SELECT progress FROM source WHERE id = ?", [.text(id)]) { row in
      progress = try? Self.decode(SourceProgress.self, row.text(0))
    }
    return progress
  }

  package func save(source id: String, _ progress: SourceProgress) throws {
    try database.query(
      "INSERT OR REPLACE INTO source(id, progress) VALUES (?, ?)", [.text(id), .text(try Self.json(progress))])
  }
}
