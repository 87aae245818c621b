internal import Foundation

/// The head of the last response, as far as a download needs it.
struct ResponseHead: Equatable {
  private(set) var status = 0
  private(set) var entityTag: String?
  private(set) var length: Int64?
  /// `Content-Range: bytes FIRST-LAST/TOTAL`
  private(set) var range: (first: Int64, last: Int64, total: Int64?)?

  /// Takes one header line; a status line begins a new response (redirects have heads too).
  mutating func take(_ line: String) {
    if line.hasPrefix("HTTP/") {
      self = ResponseHead()
      status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
      return
    }
    guard let colon = line.firstIndex(of: ":") else { return }
    let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespacesAndNewlines)
    switch line[..<colon].lowercased() {
    case "etag": entityTag = value
    case "content-length": length = Int64(value)
    case "content-range": range = Self.range(value)
    default: break
    }
  }

  /// A tag that promises equal bytes (RFC 9110, 8.8.1), not merely equal meaning.
  var strongTag: String? {
    guard let entityTag, entityTag.hasPrefix("\""), entityTag.hasSuffix("\""), entityTag.count > 2 else { return nil }
    return entityTag
  }

  private static func range(_ text: String) -> (first: Int64, last: Int64, total: Int64?)? {
    let parts = text.split(whereSeparator: { " -/".contains($0) })
    guard parts.count == 4, parts[0] == "bytes", let first = Int64(parts[1]), let last = Int64(parts[2]) else {
      return nil
    }
    return (first, last, Int64(parts[3]))
  }

  static func == (left: ResponseHead, right: ResponseHead) -> Bool {
    left.status == right.status && left.entityTag == right.entityTag && left.length == right.length
      && left.range?.first == right.range?.first && left.range?.last == right.range?.last
      && left.range?.total == right.range?.total
  }
}
