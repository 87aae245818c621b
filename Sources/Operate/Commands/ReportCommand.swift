internal import Control
internal import Foundation
internal import Vocabulary
package import WorkUnits

struct ReportCommand {
  private let command: ParsedCommand

  init(_ command: ParsedCommand) { self.command = command }

  func run() throws(CommandFailure) {
    let place = Place(command)
    let data = try place.ask { client throws(ControlClient.Failure) in try client.report() }
    if command.has("json") {
      return FileHandle.standardOutput.write(Data(ControlJSON.harmless(String(decoding: data, as: UTF8.self)).utf8))
    }
    let state = try place.ask { client throws(ControlClient.Failure) in try client.status() }.stateDirectory
    guard let report = try? CanonicalJSON.decode(FullReport.self, from: data) else {
      throw CommandFailure(.data, "the report is that of another version; the next ensemble brings a new one")
    }
    print(state.appending("output").appending("report.html").display.harmless)
    for line in ReportText.lines(report) { print(line) }
  }
}

/// `primatrixctl report` for people: the ensemble's numbers, without its models' and curves.
package enum ReportText {
  package static func lines(_ report: FullReport) -> [String] {
    let ensemble = report.stack
    var lines = ["\(Words.count(report.clips, "labelled clip")), each judged by models that have not seen it:"]
    func add(_ name: String, _ text: String) { lines.append("  \(name.padded(20))\(text)") }
    add("log loss", "\(text(ensemble.logLoss, 4)), answering the priors \(text(report.priorLogLoss, 4))")
    add("average precision", ensemble.averagePrecision.map { text($0, 3) } ?? "not defined")
    add("ROC AUC", ensemble.rocAUC.map { text($0, 3) } ?? "not defined")
    add("top class right", text(ensemble.topClass, 3))
    add("calibration error", text(ensemble.calibration.error, 3))
    for cut in ensemble.blankFilter?.cuts ?? [] {
      add("blanks removed", "\(text(cut.removed, 3)) while \(cut.lost) % of the animals are lost")
    }
    if let previous = report.previous {
      add(
        "ensemble before",
        String(format: "%.4f and now %.4f", previous.previousLogLoss, previous.logLoss)
          + " on \(Words.count(previous.clips, "clip")) of both; better by \(text(previous.gain, 4))")
    }
    return lines + [""] + classes(ensemble.classes)
  }

  private static func classes(_ classes: [FullReport.ClassScore]) -> [String] {
    let width = max(classes.map { $0.name.harmless.count }.max() ?? 0, 5) + 2
    let head =
      "class".padded(width) + "clips".padded(before: 7) + "log loss".padded(before: 10) + "priors".padded(before: 9)
      + "precision".padded(before: 11)
    return [head]
      + classes.map { score in
        (score.name.harmless.padded(width) + "\(score.positives)".padded(before: 7)
          + number(score.logLoss.value, 4).padded(before: 10) + number(score.priorLogLoss, 4).padded(before: 9)
          + (score.averagePrecision.map { number($0.value, 3) } ?? "").padded(before: 11)).trimmingSuffix()
      }
  }

  private static func text(_ estimate: FullReport.Estimate, _ digits: Int) -> String {
    let interval = estimate.interval.map { " (\(number($0.low, digits)) to \(number($0.high, digits)))" } ?? ""
    return number(estimate.value, digits) + interval
  }

  private static func number(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
}
