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
    if let service = SystemdService(place) {
      try start(service, place, settings)
    } else {
      try start(place, settings)
    }
  }

  private func start(_ service: SystemdService, _ place: Place, _ settings: Settings) throws(CommandFailure) {
    if service.isUp, let pid = service.pid { return runsAlready(pid) }
    do throws(SystemdService.Failure) {
      try service.start()
    } catch  where error.isRefusal {
      throw CommandFailure(
        .notPermitted, "you may not start the service: \(error.words)\nask as root: sudo primatrixctl start")
    } catch {
      throw StartTrouble(
        what: "systemd could not start primatrixd", settings: settings, place: place,
        words: service.lastWords() ?? "\(error.words)\nsee journalctl --unit primatrixd"
      ).failure(.unavailable)
    }
    let dashboard = (try? place.client().status())?.dashboard
    tell(
      "primatrixd is running, as the service primatrixd", Running(pid: service.pid, started: true, dashboard: dashboard)
    )
  }

  private func start(_ place: Place, _ settings: Settings) throws(CommandFailure) {
    let client = try place.client()
    if let pid = client.listener() { return runsAlready(pid) }
    let log = settings.stateDirectory.appending("primatrixd.log")
    let daemon = try Detached(executable: Installed.program("primatrixd"), configuration: place.file, log: log)
    let end = Date().addingTimeInterval(Self.patience)
    while (try? client.status()) == nil {
      if let code = daemon.exitCode() {
        let status: ExitStatus = code == 78 ? .configuration : code == 75 ? .temporary : .unavailable
        throw StartTrouble(
          what: "primatrixd ended at once (status \(code))", settings: settings, place: place,
          words: daemon.lastWords()
        ).failure(status)
      }
      if Date() > end {
        throw StartTrouble(
          what: "primatrixd has been started and does not answer yet; its log is \(log)", settings: settings,
          place: place, words: daemon.lastWords()
        ).failure(.temporary)
      }
      // The daemon says nothing to a stranger when it is ready: its socket is asked until it answers.
      Thread.sleep(forTimeInterval: 0.05)
    }
    let dashboard = (try? client.status())?.dashboard
    tell(
      "primatrixd is running (process \(daemon.pid)); its log is \(log)",
      Running(pid: daemon.pid, started: true, dashboard: dashboard))
  }

  private func runsAlready(_ pid: Int32) {
    tell("primatrixd runs already (process \(pid))", Running(pid: pid, started: false))
  }

  /// What `--json` prints.
  private struct Running: Encodable {
    var pid: Int32?
    /// False when it ran already.
    var started: Bool
    var dashboard: String?
  }

  private func tell(_ words: String, _ outcome: Running) {
    command.tell(words + (outcome.dashboard.map { "\nits dashboard is \($0)" } ?? ""), outcome)
  }
}

/// Why a daemon does not come: what it said itself, and what a look at the configuration finds.
private struct StartTrouble {
  var what: String
  var settings: Settings
  var place: Place
  var words: String

  func failure(_ status: ExitStatus) -> CommandFailure {
    let found = ConfigurationCheck(of: settings, at: place).problems
    let checks = found.isEmpty ? [] : ["primatrixctl check-config finds:"] + found.map { "  \($0)" }
    let said = words.isEmpty ? [] : ["it said last:"] + words.split(separator: "\n").map { "  \($0)" }
    return CommandFailure(
      found.isEmpty ? status : .configuration, ([what] + checks + said).joined(separator: "\n"))
  }
}
