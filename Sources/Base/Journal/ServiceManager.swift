internal import CSystemd
internal import Foundation

/// What the daemon tells systemd (sd_notify(3)). Outside a service every call does nothing.
package enum ServiceManager {
  /// Whether a service manager has started this process and waits for word.
  package static var isThere: Bool { getenv("NOTIFY_SOCKET") != nil }

  /// Start-up is complete: `systemctl start` returns.
  package static func ready() { notify("READY=1") }

  /// One line, as `systemctl status` shows it.
  package static func status(_ text: String) {
    notify("STATUS=\(text.replacingOccurrences(of: "\n", with: " "))")
  }

  /// The configuration is being read again, until `ready`.
  package static func reloading() {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    notify("RELOADING=1\nMONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1000)")
  }

  package static func stopping() { notify("STOPPING=1") }

  /// "Still alive": to be told at least twice a `watchdogPeriod`.
  package static func ping() { notify("WATCHDOG=1") }

  /// Seconds after which systemd ends a daemon that says nothing; nil where nobody watches.
  package static var watchdogPeriod: Double? {
    var microseconds: UInt64 = 0
    return sd_watchdog_enabled(0, &microseconds) > 0 ? Double(microseconds) / 1e6 : nil
  }

  /// The socket that systemd listens at for us and hands over (sd_listen_fds(3)).
  package enum HandedOver: Equatable, Sendable {
    case nothing
    /// A descriptor, ours to close.
    case socket(Int32)
    /// It listens, but not there.
    case somethingElse
  }

  /// - Parameter path: where it has to listen.
  package static func socket(at path: UnsafePointer<CChar>) -> HandedOver {
    let count = sd_listen_fds(0)
    guard count > 0 else { return .nothing }
    let descriptors = SD_LISTEN_FDS_START..<SD_LISTEN_FDS_START + count
    let found = descriptors.first { sd_is_socket_unix($0, Int32(SOCK_STREAM.rawValue), 1, path, 0) > 0 }
    return found.map { .socket($0) } ?? .somethingElse
  }

  private static func notify(_ state: String) { _ = sd_notify(0, state) }
}
