internal import Foundation
internal import Vocabulary

struct CheckConfigCommand {
  private let command: ParsedCommand

  init(_ command: ParsedCommand) { self.command = command }

  func run() throws(CommandFailure) {
    var command = command
    if let file = command.words.first { command.options["config"] = file }
    let place = Place(command)
    let settings = try place.settings()
    let check = ConfigurationCheck(of: settings)
    for remark in check.remarks { print(remark.harmless) }
    if !check.problems.isEmpty {
      throw CommandFailure(.configuration, check.problems.map(\.harmless).joined(separator: "\nprimatrixctl: "))
    }
    print("\(place.file) is good")
  }
}
