internal import Foundation
internal import Subprocesses
internal import Vocabulary

/// The installed service, where there is one.
struct SystemdService {
  /// Nil where systemd does not run or does not know the service, and for a configuration other than the service's own.
  init?(configuration: BytePath) {
    guard configuration == "/etc/primatrix/primatrix.toml",
      FileManager.default.fileExists(atPath: "/run/systemd/system"),
      Self.systemctl(["cat", "--quiet", "primatrixd.service"]) == 0
    else { return nil }
  }

  /// - Returns: systemctl's exit status; its own words go to the terminal.
  func start() -> Int32 { Self.systemctl(["start", "primatrixd.service"], isQuiet: false) }
  func stop() -> Int32 { Self.systemctl(["stop", "primatrixd.service"], isQuiet: false) }

  private static func systemctl(_ arguments: [String], isQuiet: Bool = true) -> Int32 {
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(null) }
    guard
      let child = try? ChildProcess(
        executable: "/usr/bin/systemctl", arguments: arguments, environment: ProcessInfo.processInfo.environment,
        descriptors: [
          .init(from: isQuiet ? null : 0, to: 0), .init(from: isQuiet ? null : 1, to: 1),
          .init(from: isQuiet ? null : 2, to: 2),
        ])
    else { return -1 }
    if case .exited(let code) = child.wait() { return code }
    return -1
  }
}
