internal import Cataloguing
internal import Durability
internal import Foundation
internal import Journal
internal import Labelling
internal import Reporting
internal import Submitting
internal import Subprocesses
internal import Vocabulary
internal import WorkUnits

extension Conductor {
  /// Writes the newest scores as a submission. Nothing is published when nothing in it has changed.
  func publish() async throws {
    guard let newest else { return }
    world.publishing.isStale = false
    if labels.isFormatMissing { return }  // The problem is shown; a reload makes the submission stale again.
    let submission = try await submission(newest)
    let publisher = Publisher(directory: configuration.state.output)
    let report = newest.record.report
    do {
      let published = try await BlockingThread.run(named: "publish") {
        try publisher.publish(
          submission, run: newest.record.key.name, logLoss: report?.logLoss, priorLogLoss: report?.priorLogLoss,
          now: Date())
      }
      world.publishing.backoff = settled(world.publishing.backoff, stage: .submit, .published(made: published.isNew))
      world.publishing.lastPublished = world.now
      board.published(published)
      if published.isNew {
        Journal.record(
          .notice, "submission \(published.path) is published: \(published.rows) rows",
          event: .submissionPublished, fields: [.stage: Stage.submit.rawValue, .run: newest.record.key.description])
      }
    } catch {
      Journal.record(
        .error, "the submission cannot be published, it will be tried again: \(error)", event: .submissionFailed,
        fields: [.stage: Stage.submit.rawValue, .run: newest.record.key.description])
      world.publishing.isStale = true
      world.publishing.backoff = settled(
        world.publishing.backoff, stage: .submit, .failed(WorkError(.environment, "\(error)")))
    }
  }

  /// Puts the newest ensemble's scoring report beside the submissions: `report.html` and `report.json`.
  func publishReport(_ stages: LearnStages) async {
    let output = configuration.state.output
    do {
      try await BlockingThread.run(named: "report") {
        let report = try stages.fullReport()
        let page = ReportPage(report, run: stages.name, remarks: stages.remarks())
        for (name, data) in [
          (ReportPage.name, page.data), (Self.reportName, try CanonicalJSON.encodePretty(report)),
        ] {
          let path = output.appending(name)
          if FileManager.default.contents(atPath: path.display) == data { continue }
          try Durability.publish(Array(data), at: path)
        }
      }
      board.solved("report")
    } catch {
      board.problem("report", "\(error)", next: "written again at the next start, or with the next ensemble")
    }
  }

  static let reportName = "report.json"

  private func submission(_ newest: FinishedRun) async throws -> Submission {
    let learned = newest.stages.plan.classes
    let classes = labels.format?.classes ?? learned
    // The format may list the classes in another order than the labels.
    let order = classes.names.map { name in learned.names.firstIndex(of: name) ?? 0 }
    let answers = Answers(
      scores: try await catalog.scores(run: newest.record.key), unreadable: try await catalog.unreadable(), order: order
    )
    let landings = try await catalog.landings()
    let index = NameIndex(landings.map { ($0.path, $0.clip) })
    var rows: [Submission.Row] = []
    if let format = labels.format {
      rows = format.names.map { Submission.Row(name: $0, answer: answers.answer(index.find($0))) }
    }
    rows += extra(landings, index: index, answers: answers)
    return Submission(classes: classes, rows: rows, priors: order.map { newest.blend.priors[$0] })
  }

  /// Clips that nobody has named: with a format those that came in through a watched folder, without one all that have
  /// no label.
  private func extra(_ landings: [Landing], index: NameIndex, answers: Answers) -> [Submission.Row] {
    var named = labels.sidecarClips(landings)
    for name in labels.named() { if case .clip(let clip) = index.find(name) { named.insert(clip) } }
    let folders = Set(configuration.folders)
    let extra = landings.filter { landing in
      !named.contains(landing.clip) && (labels.format == nil || folders.contains(landing.root))
    }
    var seen: Set<BytePath> = []
    return extra.sorted { ($0.path, $0.clip) < ($1.path, $1.clip) }.filter { seen.insert($0.path).inserted }.map {
      Submission.Row(name: $0.path, answer: answers.answer(.clip($0.clip)))
    }
  }
}

/// What a submission says of a clip.
private struct Answers {
  var scores: [ClipID: [Float]]
  var unreadable: [ClipID: String]
  /// For each class of the submission, its place among the scores.
  var order: [Int]

  func answer(_ match: NameMatch) -> Submission.Row.Answer {
    switch match {
    case .clip(let clip):
      if let scores = scores[clip] { return .scored(order.map { scores[$0] }) }
      if let reason = unreadable[clip] { return .prior(reason: "it cannot be decoded: \(reason)") }
      return .prior(reason: "its features are not extracted yet")
    case .unknown: return .prior(reason: "there is no such file")
    case .ambiguous(let paths):
      return .prior(reason: "\(paths.count) different clips have this name")
    }
  }
}
