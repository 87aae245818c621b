package import WorkUnits

/// When a stage that failed may try again: at once after a success, later after each failure in a row.
package struct Backoff: Sendable, Equatable {
  package private(set) var failures = 0
  /// Seconds since 1970; nil when nothing failed.
  private var failed: Double?
  private var wait = 0.0

  package init() {}

  /// A worker that died is worth another try at once; a machine or an input in trouble needs time or a person.
  package mutating func failed(_ kind: WorkError.Kind, now: Double) {
    failures += 1
    let first: Double = [.failure, .killed].contains(kind) ? 1 : 15
    failed = now
    wait = min(first * Double(1 << min(failures - 1, 10)), 600)
  }

  package mutating func succeeded() { self = Backoff() }

  /// True at the third failure in a row and only then: chance alone does not explain it any more.
  package var isStuck: Bool { failures == 3 }

  package var isWaiting: Bool { failed != nil }

  /// Seconds since 1970 before which nothing is tried; nil when nothing failed.
  package var until: Double? { failed.map { $0 + wait } }

  /// A clock that was set back does not make it wait longer than twice as long.
  package func allows(now: Double) -> Bool { failed.map { abs(now - $0) >= wait } ?? true }
}
