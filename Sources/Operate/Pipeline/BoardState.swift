internal import Cataloguing
internal import Control
internal import Foundation
internal import Submitting
internal import Vocabulary
internal import WorkUnits

/// Everything on the board at one moment, and how it reads.
struct BoardState: Sendable {
  let stateDirectory: BytePath
  let started: Date
  var stages = Dictionary(
    uniqueKeysWithValues: Stage.allCases.map { ($0, StageBoard(countsParts: $0 == .extract || $0 == .score)) })
  var sources: [String: SourceBoard] = [:]
  var counts = CatalogCounts()
  var labelled = 0
  var scored = 0
  var ensemble: RunRecord?
  var newestRuns = RunList(runs: [])
  /// What to know before trusting its numbers.
  var remarks: [String] = []
  var submission: PublishedSubmission?
  var problems: [String: ProblemStatus] = [:]
  /// The dashboard's address.
  var dashboard: String?
  /// True from the start: nothing has been looked at yet.
  private var isWorking = true
  private var isPaused = false
  private var unsettled = 0
  private var hasLabels = false

  init(stateDirectory: BytePath, started: Date) {
    self.stateDirectory = stateDirectory
    self.started = started
  }

  /// Seconds on a steady clock.
  var clock: Double { ProcessInfo.processInfo.systemUptime }

  mutating func show(_ world: World) {
    isWorking = world.isWorking
    isPaused = world.requests.isPaused
    unsettled = world.arriving.unsettledFiles
    hasLabels = world.labelled != nil || world.newest != nil || world.run != nil
  }

  mutating func problem(_ subject: String, _ message: String, _ next: String?) {
    let since = problems[subject]?.since ?? Date()
    problems[subject] = ProblemStatus(since: since, subject: subject, message: message, next: next)
  }

  func report() -> StatusReport {
    var stages = stages
    stages[.download]?.total = sources.count
    stages[.unpack]?.total = sources.count
    stages[.download]?.done = sources.values.count { [.unpacking, .seeding, .complete].contains($0.state) }
    stages[.unpack]?.done = sources.values.count { [.seeding, .complete].contains($0.state) }
    return StatusReport(
      version: Version.text, pid: ProcessInfo.processInfo.processIdentifier, stateDirectory: stateDirectory,
      startedAt: started, headline: headline, working: isWorking, paused: isPaused,
      stages: Stage.allCases.compactMap { stage in stages[stage]?.status(stage) },
      sources: sources.sorted { $0.key < $1.key }.map { $0.value.status($0.key) },
      clips: clipCounts, ensemble: ensembleStatus, submission: submissionStatus,
      problems: problems.values.sorted { ($0.since, $0.subject) < ($1.since, $1.subject) }, dashboard: dashboard)
  }

  private var clipCounts: ClipCounts {
    ClipCounts(
      total: counts.total, decoded: counts.byState["decoded"] ?? 0, partial: counts.byState["partial"] ?? 0,
      unreadable: counts.byState["unreadable"] ?? 0,
      pending: counts.pending + counts.resting + counts.faulty, labelled: labelled, scored: scored)
  }

  private var ensembleStatus: EnsembleStatus? {
    guard let ensemble, let report = ensemble.report, let finished = ensemble.finished else { return nil }
    return EnsembleStatus(
      run: ensemble.key.name, clips: report.clips, logLoss: report.logLoss, priorLogLoss: report.priorLogLoss,
      finishedAt: Date(timeIntervalSince1970: Double(finished)),
      classes: report.classes.map {
        ClassStatus(name: $0.name, positives: $0.positives, logLoss: $0.logLoss, priorLogLoss: $0.priorLogLoss)
      }, remarks: remarks)
  }

  private var submissionStatus: SubmissionStatus? {
    submission.map {
      SubmissionStatus(
        path: $0.path, publishedAt: $0.publishedAt, rows: $0.rows, rowsFromPriors: $0.rowsFromPriors,
        digest: $0.digest.hex)
    }
  }

  // MARK: one sentence

  var headline: String {
    if isPaused {
      let rest = isWorking ? "; what is under way ends first" : ""
      return "paused: `primatrixctl resume` lets it go on\(rest)"
    }
    if !isWorking { return idle }
    if let (id, source) = sources.sorted(by: { $0.key < $1.key }).first(where: { $0.value.state == .downloading }) {
      let total = source.totalBytes.map { " of \(Words.bytes($0))" } ?? ""
      let members = source.members.map { ", \(Words.count($0, "file")) unpacked" } ?? ""
      return "downloading \(id): \(Words.bytes(source.bytes))\(total)\(members)"
    }
    if let (id, source) = sources.sorted(by: { $0.key < $1.key }).first(where: { $0.value.state == .unpacking }) {
      return "unpacking \(id): \(Words.count(source.members ?? 0, "file"))"
    }
    for (stage, words) in Self.words where stages[stage]?.isRunning == true {
      return sentence(stage, words)
    }
    if unsettled > 0 { return "waiting until \(Words.count(unsettled, "new file")) stop changing" }
    if counts.pending == 0 && counts.resting > 0 {
      return "\(Words.count(counts.resting, "clip")) cannot be read and are tried again"
    }
    if counts.pending > 0 { return "\(Words.count(counts.pending, "clip")) wait for extraction" }
    return "looking at what there is"
  }

  private static let words: [(Stage, (doing: String, unit: String))] = [
    (.score, ("scoring", "clip")), (.extract, ("extracting features", "clip")), (.train, ("training", "fold")),
    (.stack, ("judging the ensemble", "ensemble")),
  ]

  private func sentence(_ stage: Stage, _ words: (doing: String, unit: String)) -> String {
    guard let status = stages[stage]?.status(stage), let total = status.total else { return words.doing }
    let left = status.secondsLeft.map { ", about \(Words.time($0)) left" } ?? ""
    return "\(words.doing): \(status.done) of \(Words.count(total, words.unit))\(left)"
  }

  private var idle: String {
    if let failed = sources.sorted(by: { $0.key < $1.key }).first(where: { $0.value.state == .failed }) {
      return "source \(failed.key) is in trouble: \(failed.value.problem ?? "see problems")"
    }
    if let submission, let report = ensemble?.report {
      let loss = String(format: "%.4f", report.logLoss)
      return "up to date: \(Words.count(submission.rows, "row")) in the newest submission, mean log loss \(loss)"
    }
    if counts.total == 0 { return "waiting for clips: put some into a watched folder, or name a source" }
    if !hasLabels { return "waiting for labels: \(Words.count(counts.total, "clip")) extracted, none with a label" }
    return "waiting: see problems"
  }
}
