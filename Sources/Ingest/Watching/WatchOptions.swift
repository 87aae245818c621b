/// How a folder is watched.
package struct WatchOptions: Sendable {
  package enum Mode: Sendable {
    /// By inotify, and by looking alone where that hears nothing: on network shares.
    case auto
    /// By looking alone: a file has settled when two looks find it the same.
    case scan
  }

  package var mode = Mode.auto
  /// Seconds without change after which a file is taken.
  package var settle: Double
  /// Seconds between two looks through everything; nil for 15 minutes, or 1 where only looking helps.
  package var rescan: Double?
  /// Whether CSV files are told of, beside clips.
  package var tables = false
  package var limits = Limits()

  package init(mode: Mode = .auto, settle: Double, rescan: Double? = nil, tables: Bool = false) {
    self.mode = mode
    self.settle = settle
    self.rescan = rescan
    self.tables = tables
  }

  /// What the kernel would refuse, refused earlier: so that tests need not exhaust a machine.
  package struct Limits: Sendable {
    /// Notes that are kept between two readings.
    package var notes = Int.max
    package var watches = Int.max
    /// False where the kernel does not tell whether a file is open for writing.
    package var tellsWriters = true

    package init() {}
  }

  /// Seconds between two looks.
  func period(onlyLooking: Bool) -> Double { rescan ?? (onlyLooking ? 60 : 900) }
}
