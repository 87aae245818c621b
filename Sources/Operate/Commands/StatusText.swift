package import Control
package import Foundation
internal import Vocabulary

/// `primatrixctl status` and `doctor` for people.
package struct StatusText {
  private let columns: Int
  private let hasColour: Bool
  private let wraps: Bool

  /// - Parameters:
  ///   - columns: of the terminal. Bars become shorter and vanish with it; nothing is cut, because paths are copied.
  ///   - hasColour: only where a person looks at a terminal.
  ///   - wraps: breaks lines at blanks where they are longer than that. Not for programs that read a line at a time.
  package init(columns: Int, hasColour: Bool, wraps: Bool) {
    self.columns = columns
    self.hasColour = hasColour
    self.wraps = wraps
  }

  package func lines(_ status: StatusReport, now: Date) -> [String] {
    var lines = [colour(status.working ? .busy : .good, status.headline.harmless), ""]
    lines += stages(status)
    lines += units(status.stages)
    if !status.sources.isEmpty { lines += [""] + sources(status.sources) }
    lines += ["", clips(status.clips)]
    if let ensemble = status.ensemble { lines += [""] + self.ensemble(ensemble, now: now) }
    if let submission = status.submission { lines += [""] + self.submission(submission, now: now) }
    if let dashboard = status.dashboard { lines += ["", "dashboard: \(dashboard.harmless)"] }
    if !status.problems.isEmpty { lines += [""] + problems(status.problems, now: now) }
    return lines.flatMap { wrapped($0) }
  }

  /// What continues a line is indented further than the line.
  func wrapped(_ line: String, hanging: Int? = nil) -> [String] {
    if !wraps { return [line] }
    return TextLayout.wrap(line, width: max(columns, 20), hanging: hanging ?? line.prefix { $0 == " " }.count + 2)
  }

  /// A line of `doctor`, and what to do below it.
  package func finding(_ finding: Finding) -> [String] {
    let paint: Paint = finding.verdict == .ok ? .good : finding.verdict == .warning ? .warn : .bad
    let head = colour(paint, finding.verdict.rawValue.padded(9)) + finding.subject.harmless.padded(15) + " "
    return wrapped(head + finding.message.harmless, hanging: Self.messageColumn)
      + (finding.next.map {
        wrapped(
          String(repeating: " ", count: Self.messageColumn) + "-> \($0.harmless)", hanging: Self.messageColumn + 3)
      } ?? [])
  }

  private static let messageColumn = 25

  // MARK: stages

  private func stages(_ status: StatusReport) -> [String] {
    let head = StageFigures.head
    let rows = status.stageFigures.map { row in
      var row = row
      row.name = row.name.harmless
      return row
    }
    func width(_ column: (StageFigures) -> String, _ least: Int) -> Int {
      ([head] + rows).reduce(least) { max($0, column($1).count) }
    }
    let (name, done) = (width(\.name, 8), width(\.done, 12))
    let (failed, rate, left) = (width(\.failed, 6), width(\.rate, 8), width(\.left, 10))
    let bar = min(columns - name - done - failed - rate - left - 10, 30)
    return ([head] + rows).enumerated().map { index, row in
      let failures = row.failed.padded(before: failed)
      let line =
        row.name.padded(name) + "  " + self.bar(row.share, bar) + row.done.padded(before: done) + "  "
        + (row.hasFailed ? colour(.bad, failures) : failures) + "  " + row.rate.padded(before: rate) + "  "
        + row.left.padded(before: left)
      let text = line.trimmingSuffix()
      return index == 0 ? colour(.dim, text) : text
    }
  }

  /// A bar where there is room for one.
  private func bar(_ share: Double?, _ width: Int) -> String {
    guard width >= 10 else { return "" }
    guard let share else { return String(repeating: " ", count: width + 2) }
    let full = Int(share * Double(width))
    return colour(.good, String(repeating: "#", count: full)) + String(repeating: ".", count: width - full) + "  "
  }

  /// Trainings under way, as a table; units of other stages are over in a moment.
  private func units(_ stages: [StageStatus]) -> [String] {
    let rows = stages.flatMap(\.units).compactMap { unit -> [String]? in
      guard let epoch = unit.epoch, let epochs = unit.epochs else { return nil }
      return [
        unit.name.harmless, "\(epoch) of \(epochs)", unit.logLoss.map(Self.loss) ?? "",
        unit.secondsLeft.map(Words.time) ?? "",
      ]
    }
    if rows.isEmpty { return [] }
    let table = [["under way", "epoch", "log loss", "left at most"]] + rows
    let widths = (0..<4).map { column in table.map { $0[column].count }.max() ?? 0 }
    return [""]
      + table.enumerated().map { index, row in
        let cells = zip(row, widths).enumerated().map { $0 == 0 ? $1.0.padded($1.1) : $1.0.padded(before: $1.1) }
        let text = cells.joined(separator: "  ").trimmingSuffix()
        return index == 0 ? colour(.dim, text) : text
      }
  }

  // MARK: the rest

  /// - Parameter rejects: how many members that an archive had to give up are named.
  package func sources(_ sources: [SourceStatus], rejects shown: Int = 5) -> [String] {
    sources.flatMap { source -> [String] in
      ["source \(source.id): \(source.figures.joined(separator: ", "))".harmless]
        + (source.note.map { ["  \($0.harmless)"] } ?? []) + rejects(source, shown)
    }
  }

  /// The first members that an archive had to give up, with their reasons.
  private func rejects(_ source: SourceStatus, _ most: Int) -> [String] {
    let shown = (source.firstRejects ?? []).prefix(most)
    let more = (source.rejects ?? 0) - shown.count
    return shown.map { "  left out: \($0.harmless)" } + (more > 0 && !shown.isEmpty ? ["  and \(more) more"] : [])
  }

  private func clips(_ clips: ClipCounts) -> String {
    "clips: \(clips.total) (\(clips.figures.joined(separator: ", "))), \(clips.labelled) labelled, \(clips.scored) scored"
  }

  private func ensemble(_ ensemble: EnsembleStatus, now: Date) -> [String] {
    let better = ensemble.logLoss < ensemble.priorLogLoss
    let loss = colour(better ? .good : .bad, Self.loss(ensemble.logLoss))
    return [
      "ensemble: mean log loss \(loss), answering the priors \(Self.loss(ensemble.priorLogLoss)); "
        + "\(ensemble.clips) labelled clips, \(Words.ago(ensemble.finishedAt, now))"
    ] + remarks(ensemble)
  }

  private func remarks(_ ensemble: EnsembleStatus) -> [String] {
    let more = ensemble.remarks.count - Self.remarksShown
    return ensemble.remarks.prefix(Self.remarksShown).map { "  \($0.harmless)" }
      + (more > 0 ? ["  \(Words.count(more, "more remark")) in output/report.html"] : [])
  }

  private static let remarksShown = 4

  private func submission(_ submission: SubmissionStatus, now: Date) -> [String] {
    let priors = submission.rowsFromPriors > 0 ? ", \(submission.rowsFromPriors) of them answered with the priors" : ""
    return [
      "submission: \(submission.rows) rows\(priors), \(Words.ago(submission.publishedAt, now))",
      "  \(submission.path.display.harmless)",
    ]
  }

  private func problems(_ problems: [ProblemStatus], now: Date) -> [String] {
    [colour(.bad, "problems:")]
      + problems.flatMap { problem -> [String] in
        ["  \(problem.subject.harmless): \(problem.message.harmless) (\(Words.ago(problem.since, now)))"]
          + (problem.next.map { ["    -> \($0.harmless)"] } ?? [])
      }
  }

  // MARK: words

  private enum Paint: String { case good = "32", bad = "31", warn = "33", busy = "36", dim = "2" }

  private func colour(_ paint: Paint, _ text: String) -> String {
    hasColour ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
  }

  private static func loss(_ value: Double) -> String { String(format: "%.4f", value) }
}
