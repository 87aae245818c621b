internal import CSystemd
internal import Foundation

/// What happened, for people and for queries: to the journal under systemd, with the facts as fields of their own
/// (`journalctl PRIMATRIX_STAGE=extract`), else one line each on standard error. Never throws and never stops the flow.
package enum Journal {
  /// - Parameter event: what it is, where somebody may want to be told of it.
  package static func record(
    _ level: JournalLevel, _ message: String, event: JournalEvent? = nil,
    fields: KeyValuePairs<JournalField, String> = [:]
  ) {
    let fields = fields.map { ($0.key, harmless($0.value)) }
    if isConnected, send(entries(level, harmless(message), event, fields)) { return }
    let line = JournalLine.text(level, harmless(message), fields, at: Date())
    FileHandle.standardError.write(Data("\(line)\n".utf8))
  }

  /// A record as the journal takes it, `NAME=value` each.
  package static func entries(
    _ level: JournalLevel, _ message: String, _ event: JournalEvent?, _ fields: [(JournalField, String)]
  ) -> [String] {
    ["MESSAGE=\(message)", "PRIORITY=\(level.priority)", "SYSLOG_IDENTIFIER=primatrixd"]
      + (event.map { ["MESSAGE_ID=\($0.rawValue)"] } ?? []) + fields.map { "\($0.0.name)=\($0.1)" }
  }

  /// True where standard error is the journal's own socket (systemd.exec(5), JOURNAL_STREAM).
  private static let isConnected: Bool = {
    guard let stream = ProcessInfo.processInfo.environment["JOURNAL_STREAM"] else { return false }
    var status = stat()
    return fstat(STDERR_FILENO, &status) == 0 && stream == "\(status.st_dev):\(status.st_ino)"
  }()

  private static func send(_ entries: [String]) -> Bool {
    let buffers = entries.map { text -> UnsafeMutableBufferPointer<UInt8> in
      let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: text.utf8.count)
      _ = buffer.initialize(from: text.utf8)
      return buffer
    }
    defer { for buffer in buffers { buffer.deallocate() } }
    let vectors = buffers.map { iovec(iov_base: $0.baseAddress, iov_len: $0.count) }
    return sd_journal_sendv(vectors, Int32(vectors.count)) == 0
  }

  /// File names and messages of libraries are strangers' text: nothing in them may steer a terminal.
  private static func harmless(_ text: String) -> String {
    let limit = 4096
    var clean = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(limit) {
      let category = scalar.properties.generalCategory
      let isHarmful =
        category == .control || category == .format || category == .lineSeparator
        || category == .paragraphSeparator
      clean.append(isHarmful ? (scalar == "\n" ? " " : "\u{FFFD}") : scalar)
    }
    return String(clean)
  }
}

/// syslog(3)'s levels, those we use.
package enum JournalLevel: String, Sendable, CaseIterable {
  case error, warning, notice, info, debug

  var priority: Int {
    switch self {
    case .error: 3
    case .warning: 4
    case .notice: 5
    case .info: 6
    case .debug: 7
    }
  }
}

/// Fields of a record; in the journal their names are `PRIMATRIX_STAGE` and so on.
package enum JournalField: String, CaseIterable, Sendable {
  case stage, unit, source, run, clip
  /// Seconds, with a point.
  case duration

  package var name: String { "PRIMATRIX_\(rawValue.uppercased())" }
}
