internal import Foundation

/// The head of the last response, as far as a download needs it.
struct ResponseHead: Equatable {
  /// `Content-Range: bytes FIRST-LAST/TOTAL` (RFC 9110, 14.4).
  struct ContentRange: Equatable {
    var bytes: Range<Int64>
    var total: Int64?
  }

  private(set) var status = 0
  private(set) var entityTag: String?
  private(set) var range: ContentRange?
  private(set) var contentType = ""
  private(set) var contentEncoding: String?
  private var stated: Int64?
  private var isChunked = false
  /// Two headers say different lengths: nobody knows where the body ends.
  private(set) var isContradictory = false
  /// A redirect came before this response.
  private(set) var isRedirected = false
  private var size = 0

  /// Bytes of one response's head, more than any honest server sends.
  private static let limit = 256 << 10

  /// Takes one header line; a status line begins a new response (redirects have heads too). False when it is too much.
  mutating func take(_ line: String) -> Bool {
    size += line.utf8.count
    if size > Self.limit { return false }
    if line.hasPrefix("HTTP/") {
      let before = self
      self = ResponseHead()
      size = before.size
      isRedirected = before.isRedirected || (300..<400).contains(before.status)
      status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
      return true
    }
    guard let colon = line.firstIndex(of: ":") else { return true }
    let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespacesAndNewlines)
    switch line[..<colon].lowercased() {
    case "etag": entityTag = value
    case "content-length":
      let length = Int64(value).flatMap { $0 >= 0 ? $0 : nil }
      isContradictory = isContradictory || length == nil || (stated != nil && stated != length)
      stated = length
    case "content-range": range = Self.range(value)
    case "content-type": contentType = value.lowercased()
    case "content-encoding": contentEncoding = value.lowercased()
    case "transfer-encoding": isChunked = true
    default: break
    }
    return true
  }

  /// Of the body. Chunks say themselves where it ends (RFC 9112, 6.3).
  var length: Int64? { isChunked ? nil : stated }

  /// A tag that promises equal bytes (RFC 9110, 8.8.1), not merely equal meaning.
  var strongTag: String? {
    guard let entityTag, entityTag.hasPrefix("\""), entityTag.hasSuffix("\""), entityTag.count > 2 else { return nil }
    return entityTag
  }

  private static func range(_ text: String) -> ContentRange? {
    let parts = text.split(whereSeparator: { " -/".contains($0) })
    guard parts.count == 4, parts[0].lowercased() == "bytes", let first = Int64(parts[1]), let last = Int64(parts[2]),
      0 <= first, first <= last, last < Int64.max
    else { return nil }
    let total = Int64(parts[3])
    if let total, last >= total { return nil }
    return ContentRange(bytes: first..<(last + 1), total: total)
  }
}
