internal import CLinux
internal import Control
internal import Foundation
internal import Settings
internal import Vocabulary

struct StartCommand {
  private let command: ParsedCommand
  /// A daemon that does not answer by then has not started.
  private static let patience = 30.0

  init(_ command: ParsedCommand) { self.command = command }

  func run() throws(CommandFailure) {
    let place = Place(command)
    let settings = try place.settings()
    let client = try place.client()
    if let pid = client.listener() {
      print("primatrixd runs already (process \(pid))")
      return
    }
    if let service = SystemdService(configuration: place.file) {
      if service.start() != 0 {
        throw CommandFailure(.unavailable, "systemd could not start it; see journalctl -u primatrixd")
      }
      print("primatrixd is running, as the service primatrixd")
    } else {
      let log = settings.stateDirectory.appending("primatrixd.log")
      let daemon = try Detached(executable: Installed.program("primatrixd"), configuration: place.file, log: log)
      try wait(for: daemon, client, log)
      print("primatrixd is running (process \(daemon.pid)); its log is \(log)")
    }
  }

  private func wait(for daemon: Detached, _ client: ControlClient, _ log: BytePath) throws(CommandFailure) {
    let end = Date().addingTimeInterval(Self.patience)
    while Date() < end {
      if let code = daemon.exitCode() {
        let status: ExitStatus = code == 78 ? .configuration : code == 75 ? .temporary : .unavailable
        throw CommandFailure(status, "primatrixd ended at once (status \(code)): \(daemon.lastWords())")
      }
      if (try? client.status()) != nil { return }
      // The daemon says nothing to a stranger when it is ready: its socket is asked until it answers.
      Thread.sleep(forTimeInterval: 0.05)
    }
    throw CommandFailure(.temporary, "primatrixd has been started and does not answer yet; see \(log)")
  }
}
