internal import Control
internal import Foundation
internal import Vocabulary

struct SourcesCommand {
  private let command: ParsedCommand

  init(_ command: ParsedCommand) { self.command = command }

  func run() throws(CommandFailure) {
    let client = try Place(command).client()
    let status: StatusReport
    do {
      status = try client.status()
    } catch {
      throw CommandFailure(error)
    }
    if command.has("json") {
      for source in status.sources {
        guard let line = try? ControlJSON.encoder.encode(source) else { continue }
        print(String(decoding: line, as: UTF8.self))
      }
      return
    }
    if status.sources.isEmpty { print("the configuration names no source") }
    let text = StatusText(columns: Terminal.columns, hasColour: Terminal.hasColour)
    for line in text.sources(status.sources, rejects: .max) { print(line) }
  }
}
