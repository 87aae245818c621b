import Control
import Foundation
import TestSupport
import Testing
import Vocabulary

/// Over a real socket.
struct ControlServerTests {
  @Test func clientAndServerUnderstandEachOther() throws {
    try Scratch.with { directory in
      let csv = directory.appending(path: "submission.csv")
      try Data("filename,hog\n".utf8).write(to: csv)
      let service = StubService(submission: BytePath(csv.path))
      try ControlFixture.with(service) { fixture in
        #expect(try fixture.client.status() == StubService.report)
        #expect(try fixture.client.submission() == Data("filename,hog\n".utf8))
        #expect(fixture.client.listener() == getpid())
        let page = try fixture.client.clips(ClipQuery(state: "unreadable", after: 5, limit: 2))
        #expect(page.clips.first?.path == BytePath(bytes: [0xEF]) && page.next == nil)
        #expect(service.queries == [ClipQuery(state: "unreadable", after: 5, limit: 2)])
        #expect(try fixture.client.ask(.retrain) == ControlRequest.retrain.answer)
        #expect(service.requests == [.retrain])
        var detail = StubService.detail
        detail.clip = "dir/a b&c=ï%2F?#.mp4"
        #expect(try fixture.client.clip(detail.clip) == detail)
        #expect(try fixture.client.runs() == StubService.runList)
        #expect(try fixture.client.retry(RetryRequest(names: [])) == "tried again: 0")
        let names = [BytePath(bytes: [0xEF]), "raw"]
        #expect(try fixture.client.retry(RetryRequest(names: names)) == "tried again: 2")
        #expect(service.retries == [[], names])
        // The file goes away after the daemon named it.
        try FileManager.default.removeItem(at: csv)
        let failure = #expect(throws: ControlClient.Failure.self) { try fixture.client.submission() }
        #expect(failure?.description.contains("no submission") == true)
      }
    }
  }

  @Test(arguments: [
    ("GET /v1/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200, "application/json"),
    ("HEAD /v1/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200, "Content-Length"),
    ("GET /v1/version HTTP/1.0\r\n\r\n", 200, "HTTP/1.1 "),
    ("GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404, "HTTP/1.1 "),
    ("GET /v1/clips?limit=%30 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400, "HTTP/1.1 "),
    ("DELETE /v1/clips HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405, "Allow: GET, HEAD"),
    (
      "POST /v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", 405,
      "Allow: GET, HEAD"
    ),
    ("POST /v1/pause HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 202, "application/json"),
    ("GET /v1/pause HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405, "Allow: POST"),
    // A body that never comes: the answer comes before it.
    (
      "PUT /v1/status HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1000000000000\r\n\r\n", 405,
      "HTTP/1.1 "
    ),
    (
      "GET /\(String(repeating: "x", count: 100_000)) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 414,
      "HTTP/1.1 "
    ),
    ("GET /v1/status HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "x", count: 100_000))\r\n\r\n", 431, "HTTP/1.1 "),
  ]) func requests(request: String, status: Int, header: String) throws {
    try ControlFixture.with { fixture in
      let answer = try fixture.ask(request)
      #expect(answer.status == status, "\(answer.head)")
      #expect(answer.head.contains(header))
      if request.hasPrefix("HEAD") { #expect(answer.body.isEmpty) }
      #expect(try fixture.client.status() == StubService.report, "it goes on after that")
    }
  }

  /// What is no request, or a body where none belongs, ends its connection and nothing else.
  @Test(arguments: [
    "nonsense\r\n\r\n", "\r\n\r\n\r\n", "GET\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\r\n\r\n",
    "GET /v1/status HTTP/1.1\r\nHost: x\r\nContent-Length: 4194304\r\n\r\n",
  ]) func nonsense(request: String) throws {
    try ControlFixture.with { fixture in
      let body = request.contains("4194304") ? String(repeating: "x", count: 4 << 20) : ""
      _ = try fixture.ask(request + body, closing: true)
      #expect(try fixture.client.status() == StubService.report)
    }
  }

  @Test func manyAskAtOnce() async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "primatrix-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let socket = BytePath(directory.appending(path: "s").path)
    let server = try ControlServer(socket: socket, service: StubService())
    defer { server.stop() }
    // One says nothing at all until the others are done, and takes nobody else's place.
    let silent = try UnixSocket(connectingTo: socket.display)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<32 { group.addTask { try ControlClient(socket: socket).status() == StubService.report } }
      for try await isSame in group { #expect(isSame) }
    }
    silent.send("bye")
  }

  @Test func theSocketIsForItsOwnerAndGroup() throws {
    try ControlFixture.with { fixture in
      var status = stat()
      #expect(lstat(fixture.socket, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o660)
      fixture.server.stop()
      #expect(lstat(fixture.socket, &status) != 0, "a server that has stopped leaves no file")
      fixture.server.stop()
    }
  }

  @Test func aStaleSocketIsReplaced() throws {
    try Scratch.with { directory in
      let path = directory.appending(path: "control.sock").path
      try UnixSocket.leaveStale(at: path)
      #expect(ControlClient(socket: BytePath(path)).listener() == nil)
      let server = try ControlServer(socket: BytePath(path), service: StubService())
      defer { server.stop() }
      #expect(try ControlClient(socket: BytePath(path)).status() == StubService.report)
    }
  }

  /// As systemd hands it over, and over again to the next daemon.
  @Test func anInheritedSocketOutlivesTheServer() throws {
    try Scratch.with { directory in
      let path = directory.appending(path: "control.sock").path
      let listener = try UnixSocket(listeningAt: path)
      for _ in 0..<2 {
        let server = try ControlServer(
          socket: BytePath(path), inherited: listener.duplicate(), service: StubService())
        #expect(try ControlClient(socket: BytePath(path)).status() == StubService.report)
        server.stop()
        // Nobody answers now, and whoever knocks is heard by the next one.
        _ = try UnixSocket(connectingTo: path)
      }
    }
  }

  /// Systemd rejects whoever waits for a daemon that could not be started.
  @Test func aConnectionThatEndsWithoutAnAnswerIsTold() throws {
    try Scratch.with { directory in
      let path = directory.appending(path: "control.sock").path
      let listener = try UnixSocket(listeningAt: path).duplicate()
      // The first connection only looks whether anybody listens.
      Thread.detachNewThread { UnixSocket.reject(2, at: listener) }
      let failure = #expect(throws: ControlClient.Failure.self) { try ControlClient(socket: BytePath(path)).status() }
      #expect(failure == .ended(BytePath(path)))
    }
  }

  @Test func aLivingDaemonKeepsItsSocket() throws {
    try ControlFixture.with { (fixture: ControlFixture) throws in
      let refusal = #expect(throws: ControlServer.Refusal.self) {
        try ControlServer(socket: BytePath(fixture.socket), service: StubService())
      }
      #expect(refusal?.description.contains("process \(getpid()) listens there") == true)
      #expect(try fixture.client.status() == StubService.report)
    }
  }

  /// A wrong path in the configuration must not cost a file.
  @Test func aFileThatIsNoSocketIsNotRemoved() throws {
    try Scratch.with { directory in
      let file = directory.appending(path: "thesis.txt")
      try Data("years of work".utf8).write(to: file)
      let refusal = #expect(throws: ControlServer.Refusal.self) {
        try ControlServer(socket: BytePath(file.path), service: StubService())
      }
      #expect(refusal?.description.contains("no socket") == true)
      #expect(try Data(contentsOf: file) == Data("years of work".utf8))
    }
  }

  @Test(arguments: ["missing/control.sock", String(repeating: "x", count: 120)])
  func placesWhereNoSocketCanBe(name: String) throws {
    try Scratch.with { directory in
      let path = directory.appending(path: name).path
      let refusal = #expect(throws: ControlServer.Refusal.self) {
        try ControlServer(socket: BytePath(path), service: StubService())
      }
      #expect(refusal?.description.contains("[control] socket") == true)
    }
  }

  @Test func nobodyListens() throws {
    try Scratch.with { directory in
      let path = BytePath(directory.appending(path: "control.sock").path)
      let failure = #expect(throws: ControlClient.Failure.self) { try ControlClient(socket: path).status() }
      #expect(failure == .notRunning(path))
      #expect(failure?.description.contains("primatrixctl start") == true)
    }
  }

  /// Something else answers on the socket.
  @Test func anAnswerOfAnotherKindIsNoCrash() throws {
    try ControlFixture.with { fixture in
      let failure = #expect(throws: ControlClient.Failure.self) {
        try ControlClient(socket: BytePath(fixture.socket)).clips(ClipQuery(limit: 0))
      }
      #expect(failure?.description.contains("limit=0") == true)
    }
  }
}
