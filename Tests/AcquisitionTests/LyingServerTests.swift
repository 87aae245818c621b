import Acquisition
import Foundation
import TestSupport
import Testing
import Vocabulary

/// Servers that break off and lie, each also with an interruption. Whatever they do, what is published is one version of the
/// file, whole, or nothing.
struct LyingServerTests {
  @Test(arguments: LyingBehaviour.all) func isFetchedOrRefused(behaviour: LyingBehaviour) async throws {
    try await LyingRun.with(behaviour, isDigestKnown: true) { try await $0.expectOutcome() }
  }

  @Test(arguments: LyingBehaviour.all) func isFetchedOrRefusedWithoutADigest(behaviour: LyingBehaviour) async throws {
    try await LyingRun.with(behaviour, isDigestKnown: false) { try await $0.expectOutcome() }
  }

  /// Cancelled by the server itself, in the middle of an answer, so that the moment is the same on any machine.
  @Test(arguments: LyingBehaviour.all) func goesOnAfterACancellation(behaviour: LyingBehaviour) async throws {
    for moment in [(request: 1, bytes: 15_000), (request: 3, bytes: 0), (request: 5, bytes: 10_000)] {
      try await LyingRun.with(behaviour, isDigestKnown: moment.request != 3) { run in
        try await run.interrupt(request: moment.request, after: moment.bytes)
        try await run.expectOutcome()
      }
    }
  }

  /// The process is killed in the middle of an answer, again and again.
  @Test(arguments: LyingBehaviour.all.enumerated().filter { $0.offset % 5 == 0 }.map(\.element))
  func goesOnAfterKills(behaviour: LyingBehaviour) async throws {
    try await LyingRun.with(behaviour, isDigestKnown: true) { run in
      for bytes in [14_000, 30_000, 500] { if try await !run.kill(after: bytes) { break } }
      try await run.expectOutcome()
    }
  }

  @Test func theTableIsLong() { #expect(LyingBehaviour.all.count >= 60) }
}

/// A download from a server with one behaviour.
struct LyingRun: Sendable {
  let behaviour: LyingBehaviour
  let server: LyingServer
  let place: URL
  let digest: Digest?

  static func with(
    _ behaviour: LyingBehaviour, isDigestKnown: Bool, _ body: (LyingRun) async throws -> Void
  ) async throws {
    await gate.enter()
    defer { Task { await gate.leave() } }
    try await inMemory { directory in
      let server = try LyingServer(behaviour.answer)
      let digest =
        isDigestKnown
        ? Digest(of: behaviour.outcome == .refused ? LyingBehaviour.a : behaviour.content) : nil
      try await body(
        LyingRun(behaviour: behaviour, server: server, place: directory.appending(path: "place"), digest: digest))
    }
  }

  private static let gate = Gate(12)

  /// What becomes durable here is not looked at, so the disk is spared where there is another place.
  private static func inMemory(_ body: (URL) async throws -> Void) async throws {
    let memory = URL(filePath: "/dev/shm")
    guard FileManager.default.isWritableFile(atPath: memory.path) else { return try await Scratch.with(body) }
    let directory = memory.appending(path: "primatrix-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    try await body(directory)
  }

  private var outcome: LyingBehaviour.Outcome {
    digest == nil ? behaviour.withoutDigest ?? behaviour.outcome : behaviour.outcome
  }

  private var fetcher: HTTPFetcher {
    var options = HTTPOptions.forTests
    options.rangeBytes = (32 << 10)...(64 << 10)
    options.stall = 3
    return HTTPFetcher(
      source: HTTPSource(id: "test", urls: [server.url("raw.tar")], digest: digest), options: options)
  }

  /// Cancels a fetch when so many bytes of the answer to a request are sent. It may be over before.
  func interrupt(request: Int, after bytes: Int) async throws {
    let watch = watch()
    let canceller = Canceller()
    server.trap(request: request, after: bytes) { canceller.cancel() }
    defer { server.disarm() }
    let fetching = Task { try await watch.during { try await fetcher.fetch(into: BytePath(place.path), flow: $0) } }
    canceller.follow(fetching)
    // Where the server never answers so much, it is cancelled while it waits.
    let waiting = Task {
      try? await watch.wait { $0.note != nil }
      if behaviour.outcome == .waits { fetching.cancel() }
    }
    _ = try? await fetching.value
    waiting.cancel()
  }

  /// Kills the process of a fetch. False when it was over before.
  func kill(after bytes: Int) async throws -> Bool {
    let number = server.requests.count + 2
    let source = [digest?.hex ?? "-", server.url("raw.tar")]
    // One that has not sprung would later kill whoever has the number then.
    defer { server.disarm() }
    return try await FetchProbe.run(BytePath(place.path), source, seconds: 2) { [server] pid in
      server.trap(request: number, after: bytes) { Foundation.kill(pid, SIGKILL) }
    } == .killed
  }

  func expectOutcome() async throws {
    let watch = watch()
    let fetching = Task { try await watch.during { try await fetcher.fetch(into: BytePath(place.path), flow: $0) } }
    if outcome == .waits { return try await expectWaiting(fetching, watch) }
    let guarding = Task {
      try await Task.sleep(for: .seconds(300))
      fetching.cancel()
    }
    defer { guarding.cancel() }
    do {
      let files = try await fetching.value
      let bytes = try Data(contentsOf: place.appending(path: "raw.tar"))
      #expect(files.map(\.bytes) == [Int64(bytes.count)])
      switch outcome {
      case .right: #expect(Digest(of: bytes) == Digest(of: behaviour.content), "the wrong bytes")
      case .oneVersion:
        #expect([LyingBehaviour.a, LyingBehaviour.b].map { Digest(of: $0) }.contains(Digest(of: bytes)), "a mixture")
      case .unknowable: break
      case .refused, .waits: Issue.record("what is no good was taken")
      }
    } catch let error as AcquisitionError {
      #expect(outcome == .refused || outcome == .oneVersion, "\(error)")
      #expect(error.isPermanent && error.description.contains("127.0.0.1"), "\(error)")
      #expect(!FileManager.default.fileExists(atPath: place.appending(path: "raw.tar").path))
    } catch is CancellationError {
      Issue.record("it never came to an end; last: \(watch.last), notes: \(watch.notes)")
    }
  }

  private func expectWaiting(_ fetching: Task<[FetchedFile], any Error>, _ watch: FetchWatch) async throws {
    try await watch.wait { $0.note?.contains("127.0.0.1") == true && $0.note?.contains("tried again in") == true }
    fetching.cancel()
    await #expect(throws: CancellationError.self) { try await fetching.value }
    #expect(!FileManager.default.fileExists(atPath: place.appending(path: "raw.tar").path))
  }

  /// Without a digest a server's lies may be in the bytes handed out; a prefix that shrinks is wrong all the same.
  private func watch() -> FetchWatch { FetchWatch(files: [], trusts: false) }
}
