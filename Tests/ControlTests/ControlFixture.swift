import Control
import Foundation
import Synchronization
import TestSupport
import Vocabulary

/// A daemon that only answers.
final class StubService: ControlService {
  private let submission: BytePath?
  private let reportFile: BytePath?
  private let isBroken: Bool
  private let asked = Mutex<[ClipQuery]>([])
  private let requested = Mutex<[ControlRequest]>([])
  private let retried = Mutex<[[BytePath]]>([])
  var queries: [ClipQuery] { asked.withLock { $0 } }
  var requests: [ControlRequest] { requested.withLock { $0 } }
  var retries: [[BytePath]] { retried.withLock { $0 } }

  init(submission: BytePath? = nil, report: BytePath? = nil, isBroken: Bool = false) {
    self.submission = submission
    reportFile = report
    self.isBroken = isBroken
  }

  static let report = StatusReport(
    version: "1", pid: 42, stateDirectory: "/state", startedAt: Date(timeIntervalSince1970: 1_795_527_782),
    headline: "at work", working: true,
    stages: [
      StageStatus(
        name: "extract", done: 1, total: nil, failed: 0, running: 1, made: 1, unitsPerMinute: 0.5, secondsLeft: nil,
        note: "a/b.mp4", units: [UnitStatus(name: "train x", done: 3, total: 10, epoch: 2, epochs: 5, logLoss: 0.25)])
    ],
    sources: [],
    clips: ClipCounts(total: 3, decoded: 1, partial: 0, unreadable: 1, pending: 1, labelled: 2, scored: 0),
    ensemble: nil, submission: nil, problems: [])

  struct Trouble: Error, CustomStringConvertible { var description = "the catalog is away" }

  func status() -> StatusReport { Self.report }
  func newestSubmission() -> BytePath? { submission }
  func newestReport() -> BytePath? { reportFile }
  func newestReportPage() -> BytePath? { reportFile }

  static let detail = ClipDetail(
    clip: "00", bytes: 7, state: "decoded", reason: nil,
    files: [
      .init(
        path: "/in/a b.mp4", source: "raw", modified: Date(timeIntervalSince1970: 1_795_000_000), isPresent: true,
        isProvisional: false)
    ],
    video: .init(
      ClipFacts(
        container: "mov", codec: "h264", width: 1920, height: 1080, decodedFrames: 300, frameCount: 300, frameRate: 30,
        duration: 10, bitRate: 4_000_000, hasAudio: true, captured: 1_700_000_000)),
    features: [.init(backbone: "builtin/motion", isThere: true), .init(backbone: "resnet152", isThere: false)],
    hasMicroClip: true, labels: ["hog"], fold: 2,
    scores: [.init(name: "hog", probability: 0.75), .init(name: "blank", probability: 0.125)], run: "r")

  static let runList = RunList(
    runs: [
      .init(
        run: "b", state: .training, plannedAt: Date(timeIntervalSince1970: 1_795_000_000), finishedAt: nil, clips: 90,
        logLoss: nil, priorLogLoss: nil),
      .init(
        run: "a", state: .current, plannedAt: Date(timeIntervalSince1970: 1_794_000_000),
        finishedAt: Date(timeIntervalSince1970: 1_794_000_600), clips: 80, logLoss: 0.0625, priorLogLoss: 0.25),
    ])

  func clip(_ name: BytePath) throws -> ClipDetail {
    if isBroken { throw Trouble() }
    if name == "none" { throw ControlRefusal.unknown("no clip is called none", next: "see clips") }
    if name == "two" { throw ControlRefusal.conflict("several clips are called two", next: "name one") }
    var detail = Self.detail
    detail.clip = name.display
    return detail
  }

  func runs() throws -> RunList {
    if isBroken { throw Trouble() }
    return Self.runList
  }

  func newestRuns() -> RunList { Self.runList }

  func retry(_ names: [BytePath]) throws -> String {
    if isBroken { throw Trouble() }
    retried.withLock { $0.append(names) }
    return "tried again: \(names.count)"
  }

  func reload() throws -> String {
    if isBroken { throw Trouble() }
    return "changed now: features.workers"
  }

  func ask(_ request: ControlRequest) throws {
    if isBroken { throw Trouble() }
    requested.withLock { $0.append(request) }
  }

  func clips(_ query: ClipQuery) throws -> ClipPage {
    if isBroken { throw Trouble() }
    asked.withLock { $0.append(query) }
    return ClipPage(
      clips: [
        .init(clip: "00", path: BytePath(bytes: [0xEF]), state: "unreadable", reason: "noise", bytes: 7),
        .init(clip: "01", path: nil, state: "decoded", reason: nil, bytes: 8),
      ], next: query.after == 0 ? 2 : nil)
  }
}

struct ControlFixture {
  let socket: String
  let server: ControlServer
  var client: ControlClient { ControlClient(socket: BytePath(socket)) }

  static func with<Result>(
    _ service: StubService = StubService(), _ body: (ControlFixture) throws -> Result
  ) throws -> Result {
    try Scratch.with { directory in
      let socket = directory.appending(path: "control.sock").path
      let server = try ControlServer(socket: BytePath(socket), service: service)
      defer { server.stop() }
      return try body(ControlFixture(socket: socket, server: server))
    }
  }

  /// Status, headers and body of what comes back to raw text; `closing` says that nothing more will be sent.
  func ask(_ request: String, closing: Bool = false) throws -> (status: Int, head: String, body: String) {
    let connection = try UnixSocket(connectingTo: socket)
    connection.send(request)
    if closing { connection.endSending() }
    let answer = connection.readToEnd()
    let parts = answer.split(separator: "\r\n\r\n", maxSplits: 1).map(String.init)
    let head = parts.first ?? ""
    return (Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0, head, parts.count > 1 ? parts[1] : "")
  }
}
