internal import Control
internal import Durability
internal import Foundation
internal import Vocabulary

struct SubmissionCommand {
  private let command: ParsedCommand

  init(_ command: ParsedCommand) { self.command = command }

  func run() throws(CommandFailure) {
    let client = try Place(command).client()
    do {
      guard let output = command.options["output"] else { return try describe(client.status()) }
      try copy(client.submission(), to: output)
    } catch let failure as ControlClient.Failure {
      throw CommandFailure(failure)
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure(.software, "\(error)")
    }
  }

  private func describe(_ status: StatusReport) throws(CommandFailure) {
    guard let submission = status.submission else {
      throw CommandFailure(.unavailable, "there is no submission yet: \(status.headline)")
    }
    command.tell(submission.path.display.harmless, submission)
  }

  private func copy(_ csv: Data, to output: String) throws(CommandFailure) {
    if output == "-" {
      FileHandle.standardOutput.write(csv)
      return
    }
    do {
      try Durability.publish(Array(csv), at: BytePath(output))
    } catch {
      throw CommandFailure(.cannotCreate, "\(error)")
    }
  }
}
