internal import Control

/// `pause`, `resume`, `retrain` and `rescore`.
struct RequestCommand {
  private let command: ParsedCommand

  init(_ command: ParsedCommand) { self.command = command }

  func run() throws(CommandFailure) {
    guard let request = ControlRequest(rawValue: command.name) else { return }
    let client = try Place(command).client()
    do {
      print(try client.ask(request))
    } catch {
      throw CommandFailure(error)
    }
  }
}
