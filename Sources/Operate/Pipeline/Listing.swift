internal import Cataloguing
internal import Control
internal import Foundation
internal import Reporting
internal import Settings
internal import Vocabulary
internal import WorkUnits

/// Answers the control socket: status from the board, clips and runs from the catalog; passes on what people ask for.
final class Listing: ControlService {
  private let configuration: Configuration
  private let catalog: Catalog
  private let conductor: Conductor
  private let board: StatusBoard
  private let pause: PauseSwitch
  private let alarms: Alarms
  private let reloader: Reloader
  private let questions = Questions()

  init(
    configuration: Configuration, catalog: Catalog, conductor: Conductor, board: StatusBoard, pause: PauseSwitch,
    alarms: Alarms, reloader: Reloader
  ) {
    self.configuration = configuration
    self.catalog = catalog
    self.conductor = conductor
    self.board = board
    self.pause = pause
    self.alarms = alarms
    self.reloader = reloader
  }

  /// Answers until the task is cancelled.
  func answer() async { await questions.answer() }

  func status() -> StatusReport { board.status() }
  func newestRuns() -> RunList { board.newestRuns() }
  func newestSubmission() -> BytePath? { board.newestSubmission() }
  func newestReport() -> BytePath? { configuration.state.output.appending(Conductor.reportName) }
  func newestReportPage() -> BytePath? { configuration.state.output.appending(ReportPage.name) }

  func ask(_ request: ControlRequest) throws {
    if request == .pause || request == .resume { try pause.set(request == .pause) }
    conductor.inbox.yield(.asked(request))
  }

  func reload() throws -> String { try reloader.reload() }

  func clips(_ query: ClipQuery) throws -> ClipPage {
    let clips = try questions.ask { [catalog] in
      try await catalog.list(state: query.state, after: query.after, limit: query.limit)
    }
    return ClipPage(
      clips: clips.map(Self.row), next: clips.count == query.limit ? clips.last.map(\.number) : nil)
  }

  func clip(_ name: BytePath) throws -> ClipDetail {
    let (record, labels) = try questions.ask { [catalog, conductor] in
      let record = try await Self.find(name, in: catalog)
      return (record, try await conductor.labels(of: record))
    }
    return ClipDetail(record, labels: labels, configuration, sources: reloader.sources)
  }

  func runs() throws -> RunList {
    let current = board.status().ensemble?.run
    let records = try questions.ask { [catalog] in try await catalog.runs() }
    return RunList(records, current: current)
  }

  func retry(_ names: [BytePath]) throws -> String {
    if names.isEmpty {
      conductor.inbox.yield(.retry(nil))
      let sources = alarms.ring()
      return "everything that failed is tried again"
        + (sources.isEmpty ? "" : ", \(sources.count == 1 ? "source" : "sources") \(sources.joined(separator: ", "))")
    }
    let known = Set(reloader.sources.map(\.id))
    let sources = names.compactMap(\.string).filter(known.contains)
    let clips = try names.filter { name in !(name.string.map(known.contains) ?? false) }.map(retriable)
    for source in sources { _ = alarms.ring(source) }
    if !clips.isEmpty { conductor.inbox.yield(.retry(clips)) }
    let words = sources.map { "source \($0)" } + (clips.isEmpty ? [] : [Words.count(clips.count, "clip")])
    return "tried again: \(words.joined(separator: ", "))"
  }

  private func retriable(_ name: BytePath) throws -> ClipID {
    let record = try questions.ask { [catalog] in try await Self.find(name, in: catalog) }
    let state = record.listing.state
    guard state == "unreadable" || state == "pending" else {
      throw ControlRefusal.conflict("\(name) is \(state)", next: "there is nothing to try again")
    }
    guard record.files.contains(where: \.isPresent) else {
      throw ControlRefusal.conflict("no file of \(name) is there any more", next: "bring it again")
    }
    return record.listing.clip
  }

  private static func find(_ name: BytePath, in catalog: Catalog) async throws -> ClipRecord {
    let found = try await catalog.find(name, limit: 4)
    if found.count > 1 {
      let records = try await [catalog.record(of: found[0]), catalog.record(of: found[1])]
      let paths = records.compactMap { $0?.listing.paths.first?.display ?? $0?.listing.clip.digest.hex }
      throw ControlRefusal.conflict(
        "several clips are called \(name), such as \(paths.joined(separator: " and "))",
        next: "name one by more of its path, or by its SHA-256")
    }
    guard let clip = found.first, let record = try await catalog.record(of: clip) else {
      throw ControlRefusal.unknown(
        "no clip is called \(name)",
        next: "a name is a path, the end of one, or 8 digits or more of a SHA-256; see `primatrixctl clips`")
    }
    return record
  }

  private static func row(_ clip: ClipListing) -> ClipPage.Row {
    ClipPage.Row(
      clip: clip.clip.description, path: clip.paths.first, state: clip.state, reason: clip.reason, bytes: clip.bytes)
  }
}

extension RunList {
  /// - Parameter current: the name of the run that new clips are scored with.
  init(_ records: [RunRecord], current: String?) {
    self.init(
      runs: records.map { record in
        Run(
          run: record.key.name,
          state: record.finished == nil ? .training : record.key.name == current ? .current : .earlier,
          plannedAt: Date(timeIntervalSince1970: Double(record.planned)),
          finishedAt: record.finished.map { Date(timeIntervalSince1970: Double($0)) }, clips: record.labelledClips,
          logLoss: record.report?.logLoss, priorLogLoss: record.report?.priorLogLoss)
      })
  }
}
