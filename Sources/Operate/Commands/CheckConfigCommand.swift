internal import Foundation
internal import Settings
internal import Vocabulary

struct CheckConfigCommand {
  private let command: ParsedCommand

  init(_ command: ParsedCommand) { self.command = command }

  func run() throws(CommandFailure) {
    var command = command
    if let file = command.words.first { command.options["config"] = file }
    let place = Place(command)
    let settings = try settings(of: place)
    let check = ConfigurationCheck(of: settings, at: place)
    let words = (check.remarks.map(\.harmless) + (check.problems.isEmpty ? ["\(place.file) is good"] : []))
    let findings = Findings(file: place.file, remarks: check.remarks, problems: check.problems)
    if command.has("json") || !words.isEmpty { command.tell(words.joined(separator: "\n"), findings) }
    if !check.problems.isEmpty {
      throw CommandFailure(.configuration, check.problems.map(\.harmless).joined(separator: "\nprimatrixctl: "))
    }
  }

  /// A file that cannot be read is for programs a finding like others.
  private func settings(of place: Place) throws(CommandFailure) -> Settings {
    do {
      return try place.settings()
    } catch {
      if command.has("json") { command.tell("", Findings(file: place.file, remarks: [], problems: [error.message])) }
      throw error
    }
  }

  /// What `--json` prints.
  private struct Findings: Encodable {
    var file: BytePath
    var remarks: [String]
    var problems: [String]
  }
}
