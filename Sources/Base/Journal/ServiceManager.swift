internal import CSystemd
internal import Foundation

/// What the daemon tells systemd (sd_notify(3)). Outside a service every call does nothing.
package enum ServiceManager {
  /// Start-up is complete: `systemctl start` returns.
  package static func ready() { notify("READY=1") }

  /// One line, as `systemctl status` shows it.
  package static func status(_ text: String) {
    notify("STATUS=\(text.replacingOccurrences(of: "\n", with: " "))")
  }

  package static func stopping() { notify("STOPPING=1") }

  /// "Still alive": to be told at least twice a `watchdogPeriod`.
  package static func ping() { notify("WATCHDOG=1") }

  /// Seconds after which systemd ends a daemon that says nothing; nil where nobody watches.
  package static var watchdogPeriod: Double? {
    var microseconds: UInt64 = 0
    return sd_watchdog_enabled(0, &microseconds) > 0 ? Double(microseconds) / 1e6 : nil
  }

  private static func notify(_ state: String) { _ = sd_notify(0, state) }
}
