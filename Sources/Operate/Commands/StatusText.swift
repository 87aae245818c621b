package import Control
package import Foundation
internal import Vocabulary

/// `primatrixctl status` for people.
package struct StatusText {
  private let columns: Int
  private let hasColour: Bool

  /// - Parameters:
  ///   - columns: of the terminal. Bars become shorter and vanish with it; nothing is cut, because paths are copied.
  ///   - hasColour: only where a person looks at a terminal.
  package init(columns: Int, hasColour: Bool) {
    self.columns = columns
    self.hasColour = hasColour
  }

  package func lines(_ status: StatusReport, now: Date) -> [String] {
    var lines = [colour(status.working ? .busy : .good, status.headline.harmless), ""]
    lines += stages(status.stages)
    lines += units(status.stages)
    if !status.sources.isEmpty { lines += [""] + sources(status.sources) }
    lines += ["", clips(status.clips)]
    if let ensemble = status.ensemble { lines += [""] + self.ensemble(ensemble, now: now) }
    if let submission = status.submission { lines += [""] + self.submission(submission, now: now) }
    if !status.problems.isEmpty { lines += [""] + problems(status.problems, now: now) }
    return lines
  }

  // MARK: parts

  private func stages(_ stages: [StageStatus]) -> [String] {
    let head =
      "stage".padded(10) + bar(nil) + "done".padded(before: 15) + "failed".padded(before: 8)
      + "per min".padded(before: 10) + "left".padded(before: 12)
    return [colour(.dim, head)]
      + stages.map { stage in
        let total = stage.total.map { " of \($0)" } ?? ""
        let failed = "\(stage.failed)".padded(before: 8)
        return stage.name.harmless.padded(10) + bar(stage) + "\(stage.done)\(total)".padded(before: 15)
          + (stage.failed > 0 ? colour(.bad, failed) : failed)
          + (stage.unitsPerMinute.map { Self.number($0) } ?? "").padded(before: 10)
          + (stage.secondsLeft.map(Words.time) ?? "").padded(before: 12)
      }
  }

  /// Trainings under way; units of other stages are over in a moment.
  private func units(_ stages: [StageStatus]) -> [String] {
    stages.flatMap(\.units).compactMap { unit in
      guard let epoch = unit.epoch, let epochs = unit.epochs else { return nil }
      var parts = ["epoch \(epoch) of \(epochs)"]
      if let loss = unit.logLoss { parts.append("log loss \(Self.loss(loss))") }
      if let left = unit.secondsLeft { parts.append("at most \(Words.time(left)) left") }
      return "  \(unit.name.harmless): \(parts.joined(separator: ", "))"
    }
  }

  /// A bar where there is room for one.
  private func bar(_ stage: StageStatus?) -> String {
    let width = min(columns - 60, 30)
    guard width >= 10 else { return "" }
    guard let stage, let total = stage.total, total > 0 else { return String(repeating: " ", count: width + 1) }
    let full = min(stage.done * width / total, width)
    return colour(.good, String(repeating: "#", count: full)) + String(repeating: ".", count: width - full) + " "
  }

  /// - Parameter rejects: how many members that an archive had to give up are named.
  package func sources(_ sources: [SourceStatus], rejects shown: Int = 5) -> [String] {
    sources.flatMap { source -> [String] in
      var parts = [source.state]
      if source.bytes > 0 {
        parts.append(Words.bytes(source.bytes) + (source.totalBytes.map { " of \(Words.bytes($0))" } ?? ""))
      }
      if let rate = source.bytesPerSecond { parts.append("\(Words.bytes(Int64(rate)))/s") }
      if let left = source.secondsLeft { parts.append("\(Words.time(left)) left") }
      if let mirrors = source.mirrors { parts.append(Words.count(mirrors, "mirror")) }
      if let peers = source.peers {
        parts.append(Words.count(peers, "peer") + (source.seeds.map { ", \(Words.count($0, "seed"))" } ?? ""))
      }
      if let rate = source.uploadBytesPerSecond, rate >= 1 { parts.append("\(Words.bytes(Int64(rate)))/s up") }
      if let prefix = source.prefixBytes, prefix < source.bytes {
        parts.append("whole up to \(Words.bytes(prefix))")
      }
      if let members = source.members { parts.append("\(Words.count(members, "file")) unpacked") }
      if let rejects = source.rejects, rejects > 0 { parts.append("\(rejects) left out") }
      return ["source \(source.id): \(parts.joined(separator: ", "))".harmless]
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
    var parts = ["\(clips.decoded) decoded"]
    if clips.partial > 0 { parts.append("\(clips.partial) in part") }
    if clips.unreadable > 0 { parts.append("\(clips.unreadable) unreadable") }
    if clips.pending > 0 { parts.append("\(clips.pending) waiting") }
    return
      "clips: \(clips.total) (\(parts.joined(separator: ", "))), \(clips.labelled) labelled, \(clips.scored) scored"
  }

  private func ensemble(_ ensemble: EnsembleStatus, now: Date) -> [String] {
    let better = ensemble.logLoss < ensemble.priorLogLoss
    let loss = colour(better ? .good : .bad, Self.loss(ensemble.logLoss))
    return [
      "ensemble: mean log loss \(loss), answering the priors \(Self.loss(ensemble.priorLogLoss)); "
        + "\(ensemble.clips) labelled clips, \(Self.ago(ensemble.finishedAt, now))"
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
      "submission: \(submission.rows) rows\(priors), \(Self.ago(submission.publishedAt, now))",
      "  \(submission.path.display.harmless)",
    ]
  }

  private func problems(_ problems: [ProblemStatus], now: Date) -> [String] {
    [colour(.bad, "problems:")]
      + problems.flatMap { problem -> [String] in
        ["  \(problem.subject.harmless): \(problem.message.harmless) (\(Self.ago(problem.since, now)))"]
          + (problem.next.map { ["    \($0.harmless)"] } ?? [])
      }
  }

  // MARK: words

  private enum Paint: String { case good = "32", bad = "31", busy = "36", dim = "2" }

  private func colour(_ paint: Paint, _ text: String) -> String {
    hasColour ? "\u{1B}[\(paint.rawValue)m\(text)\u{1B}[0m" : text
  }

  private static func loss(_ value: Double) -> String { String(format: "%.4f", value) }
  private static func number(_ value: Double) -> String { String(format: value < 10 ? "%.1f" : "%.0f", value) }

  package static func ago(_ date: Date, _ now: Date) -> String {
    let seconds = now.timeIntervalSince(date)
    return seconds < 5 ? "just now" : "\(Words.time(seconds)) ago"
  }
}
