/// Whether a loop still turns, for the watchdog. Its actor answers questions while it waits, so that an answer alone proves
/// little: what matters is how long ago the loop was done with an event.
package struct Pulse: Sendable {
  /// An event whose work takes longer waits for something that does not come: a disk that hangs, a lock that nobody opens.
  package static let patience = Duration.seconds(900)

  private var last: SuspendingClock.Instant?

  /// Nothing is expected of it before its first beat.
  package init() {}

  package mutating func beat(_ now: SuspendingClock.Instant = .now) { last = now }

  package func isFelt(_ now: SuspendingClock.Instant = .now) -> Bool { last.map { now - $0 < Self.patience } ?? true }
}
