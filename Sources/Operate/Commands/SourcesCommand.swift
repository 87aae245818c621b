internal import Control
internal import Foundation
internal import Vocabulary

struct SourcesCommand {
  private let command: ParsedCommand

  init(_ command: ParsedCommand) { self.command = command }

  func run() throws(CommandFailure) {
    let status = try Place(command).ask { client throws(ControlClient.Failure) in try client.status() }
    if command.has("json") { return status.sources.forEach { print(ControlJSON.line($0)) } }
    if status.sources.isEmpty { print("the configuration names no source") }
    let text = Terminal.text
    for line in text.sources(status.sources, rejects: .max).flatMap({ text.wrapped($0) }) { print(line) }
  }
}
