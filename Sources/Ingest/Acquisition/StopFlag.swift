private import Synchronization

/// Raised once, seen from any thread.
final class StopFlag: Sendable {
  private let flag = Atomic(false)

  var isRaised: Bool { flag.load(ordering: .relaxed) }
  func raise() { flag.store(true, ordering: .relaxed) }

  /// - Throws: `CancellationError` once raised.
  func check() throws { if isRaised { throw CancellationError() } }
}
