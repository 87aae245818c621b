package import Vocabulary

/// What the daemon answers. Called on the server's threads, which may wait a moment.
package protocol ControlService: Sendable {
  func status() -> StatusReport
  /// - Throws: an error whose description tells a person why there is no answer.
  func clips(_ query: ClipQuery) throws -> ClipPage
  /// - Throws: `ControlRefusal` when no clip or several are called so.
  func clip(_ name: BytePath) throws -> ClipDetail
  func runs() throws -> RunList
  /// The newest of them, at once.
  func newestRuns() -> RunList
  /// The newest submission's file; nil when there is none yet.
  func newestSubmission() -> BytePath?
  /// Where the newest ensemble's `report.json` lies, if there is one.
  func newestReport() -> BytePath?
  /// The same for its page, `report.html`.
  func newestReportPage() -> BytePath?
  /// Takes note of it; what it leads to comes later.
  ///
  /// - Throws: an error whose description tells a person why it was not taken.
  func ask(_ request: ControlRequest) throws
  /// Tries again at once what failed: clips and sources of these names, or everything when there are none.
  ///
  /// - Returns: what happens now, for a person.
  /// - Throws: `ControlRefusal` for a name that means nothing to try again; nothing is tried then.
  func retry(_ names: [BytePath]) throws -> String
  /// Reads the configuration again.
  ///
  /// - Returns: what has changed and what waits for a restart, for a person.
  /// - Throws: an error whose description tells a person what is wrong with the file; what was in force stays.
  func reload() throws -> String
}

/// `GET /v1/clips?state=unreadable&after=120&limit=100`
package struct ClipQuery: Sendable, Equatable {
  /// pending, decoded, partial or unreadable; nil for all.
  package var state: String?
  /// The `next` of the page before; 0 for the first page.
  package var after: Int64
  package var limit: Int

  package static let states = ["pending", "decoded", "partial", "unreadable"]
  package static let limits = 1...10_000

  package init(state: String? = nil, after: Int64 = 0, limit: Int = 1000) {
    self.state = state
    self.after = after
    self.limit = limit
  }
}

/// Clips in the order of their arrival.
package struct ClipPage: Codable, Sendable, Equatable {
  package struct Row: Codable, Sendable, Equatable {
    /// SHA-256 of the clip's content.
    package var clip: String
    /// Nil when no file of it is on disk any more.
    package var path: BytePath?
    package var state: String
    /// Why it is partial or unreadable.
    package var reason: String?
    package var bytes: Int64

    package init(clip: String, path: BytePath?, state: String, reason: String?, bytes: Int64) {
      self.clip = clip
      self.path = path
      self.state = state
      self.reason = reason
      self.bytes = bytes
    }
  }

  package var clips: [Row]
  /// Ask for the clips after this number; nil at the end.
  package var next: Int64?

  package init(clips: [Row], next: Int64?) {
    self.clips = clips
    self.next = next
  }
}
