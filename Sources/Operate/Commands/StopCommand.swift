internal import CLinux
internal import Control
internal import Foundation
internal import Vocabulary

struct StopCommand {
  private let command: ParsedCommand
  /// Workers are killed at once and the daemon has nothing to tidy: longer than this is a defect.
  private static let patience: Int32 = 20_000

  init(_ command: ParsedCommand) { self.command = command }

  func run() throws(CommandFailure) {
    let place = Place(command)
    let pid: Int32?
    if let service = SystemdService(place) {
      pid = service.pid
      // Also one that does not run at this moment: it may be about to be started again, or be listened for.
      try stop(service)
    } else {
      pid = try place.client().listener()
      if let pid { try end(pid) }
    }
    command.tell(
      pid == nil ? "primatrixd does not run" : "primatrixd is stopped; what was under way goes on at the next start",
      Stopped(stopped: pid))
  }

  /// What `--json` prints.
  private struct Stopped: Encodable {
    /// The process that ran; absent when none did.
    var stopped: Int32?
  }

  private func stop(_ service: SystemdService) throws(CommandFailure) {
    do throws(SystemdService.Failure) {
      try service.stop()
    } catch  where error.isRefusal {
      throw CommandFailure(
        .notPermitted, "you may not stop the service: \(error.words)\nask as root: sudo primatrixctl stop")
    } catch {
      throw CommandFailure(.unavailable, "systemd could not stop it: \(error.words)\nsee journalctl --unit primatrixd")
    }
  }

  private func end(_ pid: Int32) throws(CommandFailure) {
    let process = clinux_pidfd_open(pid)
    if process == -ESRCH { return }
    if process < 0 { throw CommandFailure(.software, "process \(pid): \(String(cString: strerror(-process)))") }
    defer { close(process) }
    let code = clinux_kill(process, SIGTERM)
    if code == EPERM {
      throw CommandFailure(.notPermitted, "process \(pid) is another user's; stop it as that user or as root")
    }
    var polled = pollfd(fd: process, events: Int16(POLLIN), revents: 0)
    if poll(&polled, 1, Self.patience) == 0 {
      throw CommandFailure(
        .temporary, "process \(pid) has not ended after 20 seconds; `kill -9 \(pid)` ends it, nothing is lost")
    }
  }
}
