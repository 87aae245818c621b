internal import Control

/// `pause`, `resume`, `retrain` and `rescore`.
struct RequestCommand {
  private let command: ParsedCommand

  init(_ command: ParsedCommand) { self.command = command }

  func run() throws(CommandFailure) {
    guard let request = ControlRequest(rawValue: command.name) else { return }
    let words = try Place(command).ask { client throws(ControlClient.Failure) in try client.ask(request) }
    command.tell(words, ControlAcceptance(accepted: words))
  }
}
