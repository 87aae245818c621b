import Acquisition
import Foundation
import TestSupport
import Testing
import Vocabulary

/// Servers that break off and lie. Whatever they do, what is published is one version of the file, whole.
struct LyingServerTests {
  private static let old = DownloadFixture.bytes(200_000, seed: 1)
  private static let new = DownloadFixture.bytes(200_000, seed: 2)

  /// The first request is answered in full length but broken off in the middle; the second by `then`.
  struct Behaviour: CustomTestStringConvertible, Sendable {
    var name: String
    var tag = "\"v1\""
    var then: @Sendable (RawServer.Request) -> [UInt8]
    /// What the second attempt ends in; nil when it must fail.
    var content: [UInt8]?
    /// Requests of both attempts together.
    var requests: Int
    var testDescription: String { name }
  }

  private static func whole(_ content: [UInt8], tag: String = "\"v2\"") -> [UInt8] {
    RawServer.reply(200, ["Content-Length: \(content.count)", "ETag: \(tag)"], content)
  }

  private static func part(_ content: [UInt8], from first: Int, range: String? = nil, tag: String = "\"v1\"") -> [UInt8]
  {
    let own = "bytes \(first)-\(content.count - 1)/\(content.count)"
    return RawServer.reply(
      206, ["Content-Length: \(content.count - first)", "Content-Range: \(range ?? own)", "ETag: \(tag)"],
      content[first...])
  }

  /// 206 for a range; the new file for a plain request.
  private static func lies(_ answer: @escaping @Sendable (Int) -> [UInt8]) -> @Sendable (RawServer.Request) -> [UInt8] {
    { request in request.first.map(answer) ?? whole(new) }
  }

  static let behaviours: [Behaviour] = [
    Behaviour(name: "goes on honestly", then: { RawServer.honest($0, old) }, content: old, requests: 2),
    Behaviour(
      name: "has another file now", then: { RawServer.honest($0, new, tag: "\"v2\"") }, content: new, requests: 2),
    Behaviour(name: "ignores ranges", then: { _ in whole(old) }, content: old, requests: 2),
    Behaviour(
      name: "another tag in its part", then: lies { part(new, from: $0, tag: "\"v2\"") }, content: new, requests: 3),
    Behaviour(
      name: "no tag in its part",
      then: lies { first in
        RawServer.reply(
          206, ["Content-Range: bytes \(first)-199999/200000", "Content-Length: \(200_000 - first)"], new[first...])
      }, content: new, requests: 3),
    Behaviour(
      name: "a part from elsewhere", then: lies { part(new, from: $0, range: "bytes 0-199999/200000") }, content: new,
      requests: 3),
    Behaviour(
      name: "a part of a longer file", then: lies { part(new, from: $0, range: "bytes \($0)-199999/300000") },
      content: new, requests: 3),
    Behaviour(
      name: "no Content-Range",
      then: lies { first in
        RawServer.reply(206, ["Content-Length: \(200_000 - first)", "ETag: \"v1\""], new[first...])
      }, content: new, requests: 3),
    Behaviour(
      name: "says 416", then: lies { _ in RawServer.reply(416, ["Content-Length: 0"]) }, content: new, requests: 3),
    Behaviour(
      name: "a part that stops short",
      then: { request in
        guard let first = request.first else { return whole(new) }
        return RawServer.reply(
          206, ["Content-Length: 1000", "Content-Range: bytes \(first)-\(first + 999)/200000", "ETag: \"v1\""],
          old[first..<(first + 1000)])
      }, content: nil, requests: 2),
    Behaviour(
      name: "breaks off again",
      then: { request in
        Array(RawServer.honest(request, old).dropLast(1000))
      }, content: nil, requests: 2),
    Behaviour(
      name: "a weak tag", tag: "W/\"v1\"", then: { $0.first == nil ? whole(new) : [] }, content: new, requests: 2),
    Behaviour(name: "no tag", tag: "", then: { $0.first == nil ? whole(new) : [] }, content: new, requests: 2),
    Behaviour(name: "says goodbye at once", then: { _ in [] }, content: nil, requests: 2),
  ]

  @Test(arguments: behaviours) func twoVersionsAreNeverJoined(behaviour: Behaviour) async throws {
    try await Scratch.with { directory in
      let server = try RawServer { request in
        if request.number > 1 { return behaviour.then(request) }
        let tag = behaviour.tag.isEmpty ? [] : ["ETag: \(behaviour.tag)"]
        return RawServer.reply(200, ["Content-Length: \(Self.old.count)"] + tag, Self.old.prefix(120_000))
      }
      let fixture = DownloadFixture(directory: directory)
      let first = try #require(await fixture.failure(server.url("raw.tar")))
      #expect(!first.isPermanent)
      if let content = behaviour.content {
        let file = try await fixture.fetch(server.url("raw.tar"))
        #expect(try fixture.content(file) == content)
        #expect(file.digest == Digest(of: content))
        #expect(fixture.names == ["raw.tar", "raw.tar.json"])
      } else {
        #expect(await fixture.failure(server.url("raw.tar")) != nil)
        #expect(!fixture.names.contains("raw.tar"))
        // And when it behaves at last, nothing of the old lies is left.
        let honest = try RawServer { RawServer.honest($0, Self.new, tag: "\"v2\"") }
        let file = try await fixture.fetch(honest.url("raw.tar"))
        #expect(try fixture.content(file) == Self.new)
      }
      #expect(server.requests.count == behaviour.requests)
    }
  }

  @Test func whatHasArrivedIsAskedForOnce() async throws {
    try await Scratch.with { directory in
      let server = try RawServer { request in
        let answer = RawServer.honest(request, Self.old)
        return request.number < 4 ? Array(answer.dropLast(40_000)) : answer
      }
      let fixture = DownloadFixture(directory: directory)
      for _ in 1...3 { #expect(await fixture.failure(server.url("raw.tar")) != nil) }
      #expect(try fixture.content(try await fixture.fetch(server.url("raw.tar"))) == Self.old)
      #expect(server.requests.map(\.first) == [nil, 160_000, 160_000, 160_000])
      #expect(server.requests.last?.headers["if-range"] == "\"v1\"")
    }
  }

  /// A first mirror that is gone must not cost what came from the second.
  @Test func aDeadMirrorDoesNotTouchThePart() async throws {
    try await Scratch.with { directory in
      let server = try RawServer { request in
        let answer = RawServer.honest(request, Self.old)
        return request.number == 1 ? Array(answer.dropLast(50_000)) : answer
      }
      let missing = try RawServer { _ in RawServer.reply(404, ["Content-Length: 0"]) }
      let fixture = DownloadFixture(directory: directory)
      #expect(await fixture.failure(missing.url("raw.tar"), server.url("raw.tar")) != nil)
      let file = try await fixture.fetch(missing.url("raw.tar"), server.url("raw.tar"))
      #expect(try fixture.content(file) == Self.old)
      #expect(server.requests.map(\.first) == [nil, 150_000])
    }
  }

  /// A first mirror that is back has another tag: going on with the second saves what came from it.
  @Test func theMirrorOfThePartIsAskedFirst() async throws {
    try await Scratch.with { directory in
      let second = try RawServer { request in
        let answer = RawServer.honest(request, Self.old)
        return request.number == 1 ? Array(answer.dropLast(50_000)) : answer
      }
      let first = try RawServer { request in
        request.number == 1 ? RawServer.reply(503, ["Content-Length: 0"]) : Self.whole(Self.old)
      }
      let fixture = DownloadFixture(directory: directory)
      #expect(await fixture.failure(first.url("raw.tar"), second.url("raw.tar")) != nil)
      let file = try await fixture.fetch(first.url("raw.tar"), second.url("raw.tar"))
      #expect(try fixture.content(file) == Self.old)
      #expect(first.requests.count == 1 && second.requests.map(\.first) == [nil, 150_000])
    }
  }

  /// The part's record outlived the part: zeros must not stand in for it.
  @Test(arguments: [0, 1000]) func aPartThatIsShorterThanItsRecordIsFetchedAnew(bytes: UInt64) async throws {
    try await Scratch.with { directory in
      let server = try RawServer { request in
        let answer = RawServer.honest(request, Self.old)
        return request.number == 1 ? Array(answer.dropLast(50_000)) : answer
      }
      let fixture = DownloadFixture(directory: directory)
      #expect(await fixture.failure(server.url("raw.tar")) != nil)
      let part = try FileHandle(forWritingTo: fixture.folder.appending(path: "raw.tar.part"))
      try part.truncate(atOffset: bytes)
      try part.close()
      #expect(try fixture.content(try await fixture.fetch(server.url("raw.tar"))) == Self.old)
    }
  }

  /// A crash between the last byte and the rename: the part is whole, and nothing is asked for again.
  @Test func aWholePartNeedsNoServer() async throws {
    try await Scratch.with { directory in
      let server = try RawServer { RawServer.honest($0, Self.old) }
      let fixture = DownloadFixture(directory: directory)
      let url = server.url("raw.tar")
      try FileManager.default.createDirectory(at: fixture.folder, withIntermediateDirectories: true)
      try Data(Self.old).write(to: fixture.folder.appending(path: "raw.tar.part"))
      let record = #"{"durable":200000,"entityTag":"\"v1\"","total":200000,"url":"\#(url)"}"#
      try Data(record.utf8).write(to: fixture.folder.appending(path: "raw.tar.part.json"))
      #expect(try fixture.content(try await fixture.fetch(url)) == Self.old)
      #expect(server.requests.isEmpty)
    }
  }

  @Test(arguments: [
    ("an empty file", RawServer.reply(200, ["Content-Length: 0"]), [UInt8]()),
    ("no length, closed", RawServer.reply(200, [], Array("content".utf8)), Array("content".utf8)),
    (
      "chunks", RawServer.reply(200, ["Transfer-Encoding: chunked"], Array("3\r\ncon\r\n4\r\ntent\r\n0\r\n\r\n".utf8)),
      Array("content".utf8)
    ),
    (
      "an early hint first",
      Array("HTTP/1.1 103 Early Hints\r\nETag: \"x\"\r\nContent-Length: 3\r\n\r\n".utf8)
        + RawServer.reply(200, ["Content-Length: 7"], Array("content".utf8)), Array("content".utf8)
    ),
  ]) func oddButGood(name: String, answer: [UInt8], content: [UInt8]) async throws {
    try await Scratch.with { directory in
      let server = try RawServer { _ in answer }
      let fixture = DownloadFixture(directory: directory)
      // Something from before lies in the way.
      try FileManager.default.createDirectory(at: fixture.folder, withIntermediateDirectories: true)
      try Data("left from before".utf8).write(to: fixture.folder.appending(path: "raw.tar.part"))
      #expect(try fixture.content(try await fixture.fetch(server.url("raw.tar"))) == content)
    }
  }

  @Test(arguments: [
    ("chunks that end early", RawServer.reply(200, ["Transfer-Encoding: chunked"], Array("8\r\ncont".utf8))),
    ("chunks that are none", RawServer.reply(200, ["Transfer-Encoding: chunked"], Array("zz\r\ncontent\r\n".utf8))),
    ("nothing but noise", DownloadFixture.bytes(1000, seed: 9)),
    ("no content", RawServer.reply(204, [])),
    ("a redirect without a place", RawServer.reply(302, ["Content-Length: 4"], Array("html".utf8))),
    ("a part that nobody asked for", RawServer.reply(206, ["Content-Range: bytes 0-6/7"], Array("content".utf8))),
    ("416 for a plain request", RawServer.reply(416, ["Content-Length: 0"])),
  ]) func refused(name: String, answer: [UInt8]) async throws {
    try await Scratch.with { directory in
      let server = try RawServer { _ in answer }
      let fixture = DownloadFixture(directory: directory)
      let failure = try #require(await fixture.failure(server.url("raw.tar")))
      #expect(failure.description.contains("127.0.0.1"), "\(failure)")
      #expect(!fixture.names.contains("raw.tar"))
    }
  }
}
