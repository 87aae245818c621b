internal import Foundation
internal import Vocabulary

/// The installed service, where there is one.
struct SystemdService {
  private static let service = "primatrixd.service"
  /// Systemd's ear for the service: what is asked there while the service is stopped would start it again.
  private static let socket = "primatrixd.socket"

  /// Nil where systemd does not run or does not know the service, and for a configuration other than the service's own.
  init?(_ place: Place) {
    guard place.isUsual, FileManager.default.fileExists(atPath: "/run/systemd/system"),
      Self.systemctl("cat", "--quiet", Self.service)?.code == 0
    else { return nil }
  }

  struct Failure: Error {
    /// Whether it is only that this user may not.
    var isRefusal: Bool
    /// systemctl's.
    var words: String
  }

  /// The daemon's process number; nil while it does not run.
  var pid: Int32? {
    Self.systemctl("show", "--property", "MainPID", "--value", Self.service).flatMap { Int32($0.text) }.flatMap {
      $0 > 0 ? $0 : nil
    }
  }

  /// Whether it has said that it is ready. One that is being started is to be waited for.
  var isUp: Bool { Self.systemctl("is-active", "--quiet", Self.service)?.code == 0 }

  /// Whether its sandbox lets it write there: below its own directories, or where a drop-in says so.
  func mayWrite(_ path: BytePath) -> Bool {
    guard let shown = Self.systemctl("show", "--property", "ProtectSystem,ReadWritePaths,StateDirectory", Self.service)
    else { return true }
    return Sandbox(shown.text).mayWrite(path)
  }

  /// How to give it a folder outside of its own.
  func advice(for path: BytePath) -> String {
    "let it: systemctl edit primatrixd.service, and there [Service] ReadWritePaths=\(path); primatrixd(8) says more under "
      + "ANOTHER DISK"
  }

  /// Returns when the daemon has said that it is ready.
  func start() throws(Failure) {
    // A person has mended something: how often it has failed before does not count.
    _ = Self.systemctl("reset-failed", Self.socket, Self.service)
    try act("start", Self.service)
  }

  /// Returns when the daemon has ended and nobody listens for it any more.
  func stop() throws(Failure) { try act("stop", Self.socket, Self.service) }

  /// What it wrote last, without times: the journal's end, as far as whoever asks may read it.
  func lastWords() -> String? {
    Captured(
      "/usr/bin/journalctl", ["--unit", Self.service, "--lines", "10", "--no-pager", "--output", "cat", "--quiet"]
    )
    .flatMap { $0.code == 0 && !$0.text.isEmpty ? $0.text : nil }
  }

  private func act(_ verb: String, _ units: String...) throws(Failure) {
    guard let answer = Self.systemctl([verb] + units) else {
      throw Failure(isRefusal: false, words: "systemctl cannot be started")
    }
    if answer.code == 0 { return }
    // Its own status for this is only used by some versions.
    let isRefusal = answer.code == 4 || answer.text.contains("authentication") || answer.text.contains("Access denied")
    throw Failure(isRefusal: isRefusal, words: answer.text)
  }

  private static func systemctl(_ arguments: String...) -> Captured? { systemctl(arguments) }
  private static func systemctl(_ arguments: [String]) -> Captured? {
    // Words that can be told apart, in whatever language the terminal speaks.
    Captured("/usr/bin/env", ["LC_ALL=C.UTF-8", "/usr/bin/systemctl"] + arguments)
  }
}
