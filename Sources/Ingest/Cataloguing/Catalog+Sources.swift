package import Vocabulary

/// How far a source is. What it says is durable; what lies beyond is done again, and found done where it is.
package struct SourceProgress: Sendable, Codable, Equatable {
  /// One archive of a source, or the file of a single clip.
  package struct Archive: Sendable, Codable, Equatable {
    /// Names this version of it.
    package var origin: Digest
    package var name: BytePath
    /// Batches whose clips are in the catalog.
    package var landed = 0
    package var members = 0
    package var rejects = 0
    /// True when its last batch has landed.
    package var isUnpacked = false
    /// Why it was not read to its end.
    package var cutShort: String?
    /// Bytes at its beginning that were given back to the disk.
    package var discarded: Int64 = 0

    package init(origin: Digest, name: BytePath) {
      self.origin = origin
      self.name = name
    }
  }

  /// Digest of the source's settings: another address or digest is another source.
  package var settings: StageKey
  /// True when every archive is here, checked and unpacked.
  package var isComplete = false
  package var bytes: Int64 = 0
  package var archives: [Archive] = []
  /// Clips that came as they are.
  package var looseClips = 0
  /// The first members that were left out, with their reasons.
  package var firstRejects: [String] = []

  package init(settings: StageKey) { self.settings = settings }

  package var members: Int { archives.reduce(looseClips) { $0 + $1.members } }
  package var rejects: Int { archives.reduce(0) { $0 + $1.rejects } }

  /// The archive of this origin, begun when it is not known yet.
  package subscript(origin: Digest, name: BytePath) -> Archive {
    get { archives.first { $0.origin == origin } ?? Archive(origin: origin, name: name) }
    set {
      if let index = archives.firstIndex(where: { $0.origin == origin }) {
        archives[index] = newValue
      } else {
        archives.append(newValue)
      }
    }
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
