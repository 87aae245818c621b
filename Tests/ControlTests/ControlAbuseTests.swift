import Control
import Foundation
import TestSupport
import Testing
import Vocabulary

/// Clients that are clumsy, broken or hostile: each is bounded, and the server goes on answering others.
@Suite(.serialized) struct ControlAbuseTests {
  private func isAnswering(_ fixture: ControlFixture) throws -> Bool {
    try fixture.client.status() == StubService.report
  }

  /// More connections than there are places, all of them silent: the oldest make room.
  @Test func aThousandSilentClients() throws {
    try ControlFixture.with { fixture in
      let crowd = try Crowd(1000, at: fixture.socket)
      for _ in 0..<10 { #expect(try isAnswering(fixture)) }
      crowd.say("GET /v1/status HTTP/1.1\r\n")
      for _ in 0..<10 { #expect(try isAnswering(fixture)) }
      // Of a thousand the places are held, and no more.
      #expect(crowd.open() <= 512)
    }
  }

  /// A thousand requests before anybody reads an answer: none is turned away.
  @Test func aThousandClientsAtOnce() throws {
    try ControlFixture.with { fixture in
      let request = "GET /v1/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
      let crowd = try Crowd(1000, at: fixture.socket, saying: request)
      #expect(crowd.answers().filter { !$0.hasPrefix("HTTP/1.1 200") } == [])
    }
  }

  /// Byte by byte: every client that does so holds a place until it is wanted.
  @Test func aThousandSlowClients() throws {
    try ControlFixture.with { fixture in
      let crowd = try Crowd(1000, at: fixture.socket)
      for byte in "GET /v1/st" {
        crowd.say(String(byte))
        #expect(try isAnswering(fixture))
      }
      // One of them that still has its place may finish its sentence.
      let slow = try UnixSocket(connectingTo: fixture.socket)
      for byte in "GET /v1/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" { slow.send(String(byte)) }
      #expect(slow.readToEnd().hasPrefix("HTTP/1.1 200"))
    }
  }

  /// Answers that nobody reads stay where they are: the server neither waits for them nor keeps more of them.
  @Test func clientsThatStopReading() throws {
    try Scratch.with { directory in
      let csv = directory.appending(path: "large.csv")
      try Data(count: 16 << 20).write(to: csv)
      try ControlFixture.with(StubService(submission: BytePath(csv.path))) { fixture in
        let crowd = try Crowd(300, at: fixture.socket)
        crowd.say("GET /v1/submission HTTP/1.1\r\nHost: x\r\n\r\n")
        for _ in 0..<10 { #expect(try isAnswering(fixture)) }
        #expect(try fixture.client.submission().count == 16 << 20)
      }
    }
  }

  /// A body is measured before it is read, and cut off where its length was not told.
  @Test(
    arguments: [
      ("Content-Length: 65537\r\n\r\n", 413), ("Content-Length: 99999999999999999999999\r\n\r\n", 413),
      ("Content-Length: 2\r\n\r\n{]", 400), ("Content-Length: 13\r\n\r\n{\"names\":[]}\n", 202),
      ("Content-Length: 0\r\n\r\n", 202), ("\r\n", 202),
      ("Transfer-Encoding: chunked\r\n\r\n2\r\n{]\r\n0\r\n\r\n", 400),
      ("Transfer-Encoding: chunked\r\n\r\nc\r\n{\"names\":[]}\r\n0\r\n\r\n", 202),
    ]) func bodies(rest: String, status: Int) throws
  {
    try ControlFixture.with { fixture in
      let answer = try fixture.ask("POST /v1/retry HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(rest)")
      #expect(answer.status == status, "\(answer.head)")
      #expect(try isAnswering(fixture))
    }
  }

  @Test func aBodyWithoutEndIsCutOff() throws {
    let service = StubService()
    try ControlFixture.with(service) { fixture in
      let chunk = "4000\r\n" + String(repeating: "x", count: 0x4000) + "\r\n"
      let head = "POST /v1/retry HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      let answer = try fixture.ask(head + String(repeating: chunk, count: 8))
      #expect(answer.status == 0 || answer.status >= 400)
      #expect(try isAnswering(fixture))
      #expect(service.retries.isEmpty)
    }
  }

  /// The credentials of the kernel count, whatever the file's mode lets through.
  @Test(.enabled(if: geteuid() == 0, "only root can become somebody else"))
  func strangersAreRefused() throws {
    let service = StubService()
    try ControlFixture.with(service) { fixture in
      let folder = URL(filePath: fixture.socket).deletingLastPathComponent().path
      chmod(folder, 0o755)
      chmod(fixture.socket, 0o666)
      func curl(_ identity: [String], _ arguments: [String]) throws -> String {
        let command = identity + ["curl", "-s", "-w", "%{http_code}", "--unix-socket", fixture.socket] + arguments
        return String(decoding: try Command.run("setpriv", command), as: UTF8.self)
      }
      let nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"]
      let routes = ControlRoute.allCases.flatMap { route in route.methods.map { ($0, route.path) } }
      for (method, route) in routes + [("PUT", "/v1/x")] {
        if method == "HEAD" {
          #expect(try curl(nobody, ["--head", "http://d\(route)"]).hasSuffix("403"), "\(method) \(route)")
          continue
        }
        let answer = try curl(nobody, ["-X", method, "http://d\(route)"])
        #expect(answer.hasSuffix("403") && answer.contains("you may not talk"), "\(method) \(route): \(answer)")
      }
      #expect(service.requests.isEmpty && service.retries.isEmpty)
      let member = ["--reuid", "65534", "--regid", "65534", "--groups", "\(getegid())"]
      #expect(try curl(member, ["http://d/v1/version"]).hasSuffix("200"))
      #expect(try isAnswering(fixture))
    }
  }
}

/// Many connections of one process that never read.
private final class Crowd {
  private var descriptors: [Int32] = []

  /// - Parameter text: what each says at once.
  init(_ count: Int, at path: String, saying text: String = "") throws {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = min(limit.rlim_max, 8192)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    for _ in 0..<count {
      let descriptor = try UnixSocket.descriptor(connectingTo: path)
      descriptors.append(descriptor)
      if !text.isEmpty { _ = send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL)) }
    }
  }

  deinit { for descriptor in descriptors { close(descriptor) } }

  func say(_ text: String) {
    let bytes = Array(text.utf8)
    for descriptor in descriptors {
      _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
    }
  }

  /// What comes first to each.
  func answers() -> [String] {
    var buffer = [UInt8](repeating: 0, count: 4096)
    return descriptors.map { descriptor in
      let count = recv(descriptor, &buffer, buffer.count, 0)
      return count > 0 ? String(decoding: buffer.prefix(count), as: UTF8.self) : "nothing: \(count)"
    }
  }

  /// How many the server has not ended.
  func open() -> Int {
    descriptors.count { descriptor in
      var byte: UInt8 = 0
      return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) < 0 && errno == EAGAIN
    }
  }
}
