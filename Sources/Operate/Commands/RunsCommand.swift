package import Control
internal import Foundation

struct RunsCommand {
  private let command: ParsedCommand

  init(_ command: ParsedCommand) { self.command = command }

  func run() throws(CommandFailure) {
    let runs = try Place(command).ask { client throws(ControlClient.Failure) in try client.runs() }.runs
    if command.has("json") { return runs.forEach { print(ControlJSON.line($0)) } }
    for line in RunsText.lines(runs) { print(line) }
  }
}

/// `primatrixctl runs` for people.
package enum RunsText {
  package static func lines(_ runs: [RunList.Run]) -> [String] {
    if runs.isEmpty { return ["there is no run yet: it begins when clips with labels are extracted"] }
    let head =
      "run".padded(18) + "state".padded(10) + "planned".padded(22) + "finished".padded(22) + "clips".padded(before: 8)
      + "log loss".padded(before: 10) + "priors".padded(before: 9)
    return [head]
      + runs.map { run in
        (run.run.harmless.padded(18) + run.state.rawValue.padded(10) + run.plannedAt.formatted(.iso8601).padded(22)
          + (run.finishedAt?.formatted(.iso8601) ?? "").padded(22) + "\(run.clips)".padded(before: 8)
          + loss(run.logLoss).padded(before: 10) + loss(run.priorLogLoss).padded(before: 9)).trimmingSuffix()
      }
  }

  private static func loss(_ value: Double?) -> String { value.map { String(format: "%.4f", $0) } ?? "" }
}
