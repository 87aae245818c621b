internal import Control
internal import Settings

struct ReloadCommand {
  private let command: ParsedCommand

  init(_ command: ParsedCommand) { self.command = command }

  func run() throws(CommandFailure) {
    let place = Place(command)
    // A service is to refuse a wrong file itself, for the journal: it is asked where it usually is.
    var client = ControlClient(socket: Settings().control.socket)
    var problem: CommandFailure?
    do throws(CommandFailure) {
      client = try place.client()
    } catch {
      guard place.isUsual else { throw error }
      problem = error
    }
    do throws(ControlClient.Failure) {
      let change = try client.reload()
      command.tell("the configuration was read again; \(change)", ControlAcceptance(accepted: change))
    } catch {
      guard case .refused(let refusal) = error else { throw problem ?? CommandFailure(error) }
      throw CommandFailure(.configuration, "\(refusal.problem); \(refusal.next)")
    }
  }
}
