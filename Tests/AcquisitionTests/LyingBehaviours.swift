import Foundation
import TestSupport
import Testing
import Vocabulary

/// One way in which a server fails, and what must become of a download from it.
struct LyingBehaviour: CustomTestStringConvertible, Sendable {
  enum Outcome: Sendable, Equatable {
    /// The file, byte for byte.
    case right
    /// An error that names the server, and no file.
    case refused
    /// It goes on asking, and says of whom and why.
    case waits
    /// One version as a whole, or an error; never a mixture.
    case oneVersion
    /// Nothing can be said without a digest: the answer is good HTTP.
    case unknowable
  }

  var name: String
  /// When the source gives the file's digest.
  var outcome: Outcome
  /// When it does not; nil for the same.
  var withoutDigest: Outcome?
  /// Where the server has a new file now: that is the right one.
  var content = Self.a
  var answer: LyingServer.Behaviour
  var testDescription: String { name }

  static let size = 300_000
  static let a = Bytes.version("a", size)
  static let b = Bytes.version("b", size)

  typealias Request = LyingServer.Request

  /// Lies to the first requests only.
  private static func first(_ count: Int, _ lie: @escaping LyingServer.Behaviour) -> LyingServer.Behaviour {
    { $0.number <= count ? lie($0) : [.send(Response.honest($0, a))] }
  }

  /// Lies when it is asked for a range only.
  private static func toRanges(
    _ lie: @escaping @Sendable (Request, ClosedRange<Int>) -> [UInt8]
  ) -> LyingServer.Behaviour {
    { request in [.send(request.range.map { lie(request, $0) } ?? Response.whole(a))] }
  }

  private static func always(_ bytes: [UInt8]) -> LyingServer.Behaviour { { _ in [.send(bytes)] } }

  private static func cut(_ count: Int) -> LyingServer.Behaviour {
    { [.send(Array(Response.honest($0, a).prefix(count + 250)))] }
  }

  private static func redirect(_ place: String, to honest: Bool) -> LyingServer.Behaviour {
    { request in
      if honest && request.path.hasPrefix("/elsewhere") { return [.send(Response.honest(request, a))] }
      let port = request.headers["host"] ?? ""
      let there = place.replacing("HOST", with: port)
      return [.send(Response.of("302 Found", ["Location: \(there)", "Content-Length: 4"], Array("html".utf8)))]
    }
  }

  static let all: [LyingBehaviour] = ranges + validators + lengths + bodies + breaks + refusals + heads

  private static let ranges: [LyingBehaviour] = [
    .init(name: "everything right", outcome: .right, answer: { [.send(Response.honest($0, a))] }),
    .init(name: "ignores Range", outcome: .right, answer: always(Response.whole(a))),
    .init(
      name: "Content-Range begins elsewhere", outcome: .right,
      answer: toRanges { Response.part(a, $1, contentRange: "bytes \($1.lowerBound + 1)-\($1.upperBound)/\(size)") }),
    .init(
      name: "Content-Range begins at 0 always", outcome: .right,
      answer: toRanges { Response.part(a, 0...($1.upperBound - $1.lowerBound)) }),
    .init(
      name: "Content-Range ends too early for the bytes", outcome: .right,
      answer: toRanges { Response.part(a, $1, contentRange: "bytes \($1.lowerBound)-\($1.lowerBound + 9)/\(size)") }),
    .init(
      name: "Content-Range ends behind what was asked for", outcome: .right,
      answer: toRanges { Response.part(a, $1.lowerBound...($1.upperBound + 1)) }),
    .init(
      name: "Content-Range of a longer file", outcome: .right,
      answer: toRanges { request, range in
        if range.lowerBound >= size { return Response.of("416 No", ["Content-Length: 0"]) }
        let last = min(range.upperBound, size - 1)
        return Response.part(a, range, contentRange: "bytes \(range.lowerBound)-\(last)/\(size + 1000)")
      }),
    .init(
      name: "Content-Range of another length each time", outcome: .right,
      answer: toRanges {
        Response.part(a, $1, contentRange: "bytes \($1.lowerBound)-\(min($1.upperBound, size - 1))/\(size + $0.number)")
      }),
    .init(
      name: "Content-Range without a total", outcome: .right,
      answer: toRanges { Response.part(a, $1, contentRange: "bytes \($1.lowerBound)-\($1.upperBound)/*") }),
    .init(
      name: "Content-Range that is none", outcome: .right,
      answer: toRanges { Response.part(a, $1, contentRange: "bytes 99999999999999999999-1/0") }),
    .init(
      name: "no Content-Range", outcome: .right,
      answer: toRanges { _, range in
        Response.of("206 Part", ["Content-Length: \(range.count)", "ETag: \"a\""], a[range.clamped(to: 0...size - 1)])
      }),
    .init(
      name: "multipart/byteranges for one range", outcome: .right,
      answer: toRanges { _, range in
        let body = "--x\r\nContent-Range: bytes 0-9/\(size)\r\n\r\n0123456789\r\n--x--\r\n"
        return Response.of(
          "206 Part",
          ["Content-Type: multipart/byteranges; boundary=x", "Content-Length: \(body.utf8.count)", "ETag: \"a\""],
          Array(body.utf8))
      }),
    .init(
      name: "half of each range", outcome: .right,
      answer: toRanges { Response.part(a, $1.lowerBound...(($1.lowerBound + $1.upperBound) / 2)) }),
    .init(
      name: "more than it said, in chunks", outcome: .right,
      answer: toRanges { _, range in
        let said = "Content-Range: bytes \(range.lowerBound)-\(min(range.upperBound, size - 1))/\(size)"
        return Response.of(
          "206 Part", ["Transfer-Encoding: chunked", said, "ETag: \"a\""],
          Response.chunks(Array(a[min(range.lowerBound, size)...]) + b))
      }),
    .init(
      name: "416 to every range", outcome: .right,
      answer: toRanges { _, _ in Response.of("416 No", ["Content-Length: 0"]) }),
    .init(name: "416 to everything", outcome: .refused, answer: always(Response.of("416 No", ["Content-Length: 0"]))),
    .init(
      name: "a part to everything", outcome: .refused,
      answer: always(Response.part(a, 0...9, tag: nil))),
    .init(
      name: "the right head and bytes off by one", outcome: .refused, withoutDigest: .unknowable,
      answer: toRanges {
        Response.part(
          a + [0], $1, contentRange: "bytes \($1.lowerBound)-\(min($1.upperBound, size - 1))/\(size)",
          length: min($1.upperBound, size - 1) - $1.lowerBound + 1, shift: 1)
      }),
    .init(
      name: "every second range answered with all", outcome: .right,
      answer: { [.send($0.number % 2 == 0 ? Response.whole(a) : Response.honest($0, a))] }),
  ]

  private static let validators: [LyingBehaviour] = [
    .init(name: "a weak tag", outcome: .right, answer: { [.send(Response.honest($0, a, tag: "W/\"a\""))] }),
    .init(name: "no tag", outcome: .right, answer: toRanges { Response.part(a, $1, tag: nil) }),
    .init(name: "an empty tag", outcome: .right, answer: toRanges { Response.part(a, $1, tag: "\"\"") }),
    .init(
      name: "Last-Modified only", outcome: .right,
      answer: toRanges { Response.part(a, $1, tag: nil, headers: ["Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"]) }),
    .init(
      name: "another tag each time", outcome: .right,
      answer: { [.send(Response.honest($0, a, tag: "\"\($0.number)\""))] }),
    .init(
      name: "the tag is missing in parts asked for by it", outcome: .right,
      answer: toRanges { Response.part(a, $1, tag: $0.ifRange == nil ? "\"a\"" : nil) }),
    .init(
      name: "another tag in parts asked for by it", outcome: .right,
      answer: toRanges { Response.part(a, $1, tag: $0.ifRange == nil ? "\"a\"" : "\"b\"") }),
    .init(
      name: "a new version from the third request on", outcome: .right, content: b,
      answer: { [.send($0.number < 3 ? Response.honest($0, a) : Response.honest($0, b, tag: "\"b\""))] }),
    .init(
      name: "a new, shorter version from the third request on", outcome: .right, content: Array(b.prefix(100_000)),
      answer: {
        [.send($0.number < 3 ? Response.honest($0, a) : Response.honest($0, Array(b.prefix(100_000)), tag: "\"b\""))]
      }),
    .init(
      name: "a new version, and ranges of it for the old tag", outcome: .right, content: b,
      answer: { request in
        if request.number < 3 { return [.send(Response.honest(request, a))] }
        return [.send(request.range.map { Response.part(b, $0, tag: "\"b\"") } ?? Response.whole(b, tag: "\"b\""))]
      }),
    .init(
      name: "two versions by turns", outcome: .oneVersion,
      answer: { [.send($0.number % 2 == 0 ? Response.honest($0, b, tag: "\"b\"") : Response.honest($0, a))] }),
    .init(
      name: "another file under the same tag from the second request on", outcome: .refused, withoutDigest: .unknowable,
      answer: { [.send(Response.honest($0, $0.number == 1 ? a : b))] }),
    .init(
      name: "wrong bytes under right heads", outcome: .refused, withoutDigest: .unknowable,
      answer: { [.send(Response.honest($0, b))] }),
  ]

  private static let lengths: [LyingBehaviour] = [
    .init(
      name: "says less than it has", outcome: .refused, withoutDigest: .unknowable,
      answer: always(Response.of("200 OK", ["Content-Length: 1000"], a))),
    .init(
      name: "says more than it has", outcome: .waits,
      answer: always(Response.of("200 OK", ["Content-Length: \(size + 1)"], a))),
    .init(
      name: "no length, closed", outcome: .right, answer: always(Response.of("200 OK", [], a))),
    .init(
      name: "HTTP/1.0, closed", outcome: .right, answer: always(Response.of("200 OK", [], a, version: "HTTP/1.0"))),
    .init(
      name: "chunks", outcome: .right,
      answer: always(Response.of("200 OK", ["Transfer-Encoding: chunked"], Response.chunks(a)))),
    .init(
      name: "chunks and a length", outcome: .right,
      answer: always(Response.of("200 OK", ["Content-Length: 5", "Transfer-Encoding: chunked"], Response.chunks(a)))),
    .init(
      name: "chunks that are none", outcome: .waits,
      answer: always(Response.of("200 OK", ["Transfer-Encoding: chunked"], Array("zz\r\n".utf8) + a))),
    .init(
      name: "chunks that end early", outcome: .waits,
      answer: always(Response.of("200 OK", ["Transfer-Encoding: chunked"], Response.chunks(a).dropLast(20)))),
    .init(
      name: "two different lengths", outcome: .refused,
      answer: always(Response.of("200 OK", ["Content-Length: 1000", "Content-Length: \(size)"], a))),
    .init(
      name: "a negative length", outcome: .waits, answer: always(Response.of("200 OK", ["Content-Length: -1"], a))),
    .init(
      name: "an empty body", outcome: .refused, withoutDigest: .right, content: [],
      answer: always(Response.of("200 OK", ["Content-Length: 0"]))),
  ]

  private static let bodies: [LyingBehaviour] = [
    .init(
      name: "gzip that nobody asked for", outcome: .refused,
      answer: always(Response.of("200 OK", ["Content-Encoding: gzip", "Content-Length: \(size)"], a))),
    .init(
      name: "a login page", outcome: .refused,
      answer: always(
        Response.of("200 OK", ["Content-Type: text/html; charset=utf-8", "Content-Length: 5"], Array("login".utf8)))),
    .init(name: "no content", outcome: .refused, answer: always(Response.of("204 No Content", []))),
    .init(
      name: "reset content", outcome: .refused, answer: always(Response.of("205 Reset Content", ["Content-Length: 0"]))),
  ]

  private static let breaks: [LyingBehaviour] =
    [20_000, 33_333, 65_000].map { count in
      .init(name: "every answer ends after \(count) bytes", outcome: .right, answer: cut(count))
    }
    + [0, 1, 1000].map { count in
      .init(name: "the first answers end after \(count) bytes", outcome: .right, answer: first(4, cut(count)))
    } + [
      .init(
        name: "every answer ends half way", outcome: .right,
        answer: { request in
          let bytes = Response.honest(request, a)
          return [.send(Array(bytes.prefix(bytes.count / 2 + 200)))]
        }),
      .init(
        name: "resets half way", outcome: .right,
        answer: first(3) { request in
          let bytes = Response.honest(request, a)
          return [.send(Array(bytes.prefix(bytes.count / 2))), .reset]
        }),
      .init(name: "closes without a word", outcome: .right, answer: first(4) { _ in [] }),
      .init(name: "refuses connections for a while", outcome: .right, answer: first(6) { _ in [.reset] }),
      .init(
        name: "one byte at a time, then as it should", outcome: .right,
        answer: first(1) { request in
          Response.honest(request, a).prefix(300).flatMap { [.send([$0]), .pause(milliseconds: 1)] }
        }),
      .init(
        name: "a slow head", outcome: .right,
        answer: { request in
          let bytes = Response.honest(request, a)
          return bytes.prefix(60).flatMap { [.send([$0]), .pause(milliseconds: 1)] } + [
            .send(Array(bytes.dropFirst(60)))
          ]
        }),
      .init(
        name: "stalls half way", outcome: .right,
        answer: first(1) { [.send(Array(Response.honest($0, a).prefix(20_000))), .stall] }),
      .init(name: "stalls before its head", outcome: .right, answer: first(1) { _ in [.stall] }),
    ]

  private static let refusals: [LyingBehaviour] =
    ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "410 Gone", "451 Unavailable"].map {
      status in
      .init(
        name: status, outcome: .refused, answer: always(Response.of(status, ["Content-Length: 4"], Array("html".utf8))))
    } + [
      .init(
        name: "503 with Retry-After, twice", outcome: .right,
        answer: first(2) { _ in [.send(Response.of("503 Busy", ["Retry-After: 1", "Content-Length: 0"]))] }),
      .init(
        name: "500, then fine", outcome: .right,
        answer: first(3) { _ in [.send(Response.of("500 Oops", ["Content-Length: 3"], Array("<p>".utf8)))] }),
      .init(
        name: "429, then fine", outcome: .right, answer: first(2) { _ in [.send(Response.of("429 Slow down", []))] }),
      .init(name: "503 for ever", outcome: .waits, answer: always(Response.of("503 Busy", ["Content-Length: 0"]))),
      .init(
        name: "HEAD is refused", outcome: .right,
        answer: { $0.method == "HEAD" ? [.send(Response.of("405 No", []))] : [.send(Response.honest($0, a))] }),
      .init(
        name: "503 to a second connection", outcome: .right,
        answer: {
          $0.open > 1 ? [.send(Response.of("503 Busy", []))] : [.pause(milliseconds: 3), .send(Response.honest($0, a))]
        }),
      .init(
        name: "a second connection is reset", outcome: .right,
        answer: { $0.open > 1 ? [.reset] : [.pause(milliseconds: 3), .send(Response.honest($0, a))] }),
      .init(name: "a redirect to itself", outcome: .refused, answer: redirect("/raw.tar", to: false)),
      .init(name: "a redirect to a file", outcome: .refused, answer: redirect("file:///etc/passwd", to: false)),
      .init(name: "a redirect to ftp", outcome: .refused, answer: redirect("ftp://HOST/x", to: false)),
      .init(
        name: "a redirect to another place", outcome: .right, answer: redirect("http://HOST/elsewhere/x", to: true)),
      .init(name: "a relative redirect", outcome: .right, answer: redirect("elsewhere", to: true)),
      .init(
        name: "a redirect to nowhere", outcome: .refused,
        answer: always(Response.of("302 Found", ["Content-Length: 0"]))),
      .init(name: "a redirect to a dead server", outcome: .waits, answer: redirect("http://127.0.0.1:1/x", to: false)),
      .init(name: "not modified", outcome: .refused, answer: always(Response.of("304 Not Modified", []))),
    ]

  private static let heads: [LyingBehaviour] = [
    .init(
      name: "early hints first", outcome: .right,
      answer: {
        [
          .send(
            Array("HTTP/1.1 103 Early Hints\r\nETag: \"x\"\r\nContent-Length: 3\r\n\r\n".utf8) + Response.honest($0, a))
        ]
      }),
    .init(
      name: "a head without end", outcome: .refused,
      answer: always(Response.of("200 OK", (0..<20_000).map { "X-\($0): \(String(repeating: "y", count: 40))" }, a))),
    .init(
      name: "a header line without end", outcome: .waits,
      answer: always(Response.of("200 OK", ["X: \(String(repeating: "y", count: 300_000))"], a))),
    .init(
      name: "NUL in a header", outcome: .waits,
      answer: always(Array("HTTP/1.1 200 OK\r\nETag: \"a\0b\"\r\nContent-Length: \(size)\r\n\r\n".utf8) + a)),
    .init(name: "noise", outcome: .refused, answer: always(Bytes.random(5000, seed: 9))),
    .init(name: "another protocol", outcome: .refused, answer: always(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8))),
  ]
}
