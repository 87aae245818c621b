internal import Control
internal import Vocabulary

struct RetryCommand {
  private let command: ParsedCommand

  init(_ command: ParsedCommand) { self.command = command }

  func run() throws(CommandFailure) {
    let request = RetryRequest(names: command.words.map { BytePath($0) })
    let words = try Place(command).ask { client throws(ControlClient.Failure) in try client.retry(request) }
    command.tell(words, ControlAcceptance(accepted: words))
  }
}
