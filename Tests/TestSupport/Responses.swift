/// Answers in bytes, true and false ones.
package enum Response {
  package static func of(
    _ status: String, _ headers: [String], _ body: some Sequence<UInt8> = [], version: String = "HTTP/1.1"
  ) -> [UInt8] {
    let lines = ["\(version) \(status)"] + headers + ["Connection: close"]
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
  }

  /// All of it, with its length.
  package static func whole(_ content: [UInt8], tag: String? = "\"a\"") -> [UInt8] {
    of("200 OK", ["Content-Length: \(content.count)"] + (tag.map { ["ETag: \($0)"] } ?? []), content)
  }

  /// The bytes of a range, with any header replaced. `shift` moves the bytes, not what is said of them.
  package static func part(
    _ content: [UInt8], _ range: ClosedRange<Int>, tag: String? = "\"a\"", contentRange: String? = nil,
    length: Int? = nil,
    shift: Int = 0, headers: [String] = []
  ) -> [UInt8] {
    let last = min(range.upperBound, content.count - 1)
    let body = content[min(range.lowerBound + shift, content.count)..<min(last + 1 + shift, content.count)]
    let own = "bytes \(range.lowerBound)-\(last)/\(content.count)"
    let said = ["Content-Length: \(length ?? body.count)", "Content-Range: \(contentRange ?? own)"]
    return of("206 Partial Content", said + (tag.map { ["ETag: \($0)"] } ?? []) + headers, body)
  }

  /// What a server that does everything right answers.
  package static func honest(_ request: LyingServer.Request, _ content: [UInt8], tag: String = "\"a\"") -> [UInt8] {
    guard let range = request.range, request.ifRange == nil || request.ifRange == tag else {
      return whole(content, tag: tag)
    }
    if range.lowerBound >= content.count {
      return of("416 Range Not Satisfiable", ["Content-Range: bytes */\(content.count)", "Content-Length: 0"])
    }
    return part(content, range, tag: tag)
  }

  /// A body in chunks (RFC 9112, 7.1).
  package static func chunks(_ body: some Collection<UInt8>, size: Int = 10_000) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = body[...]
    while !rest.isEmpty {
      let piece = rest.prefix(size)
      bytes += Array("\(String(piece.count, radix: 16))\r\n".utf8) + piece + Array("\r\n".utf8)
      rest = rest.dropFirst(size)
    }
    return bytes + Array("0\r\n\r\n".utf8)
  }
}
