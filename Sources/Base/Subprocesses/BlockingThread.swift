internal import Foundation
private import Synchronization

/// Threads for C calls that block: the cooperative pool must never wait for a disk, a child or a network.
package enum BlockingThread {
  /// Runs `body` on a thread of its own and suspends until it returns.
  ///
  /// Cancelling the task does not end `body`: what can be interrupted is interrupted by its owner (a signal to the child,
  /// a flag that the body reads).
  package static func run<Result: Sendable>(
    named name: String, _ body: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      start(named: name) { continuation.resume(with: Swift.Result { try body() }) }
    }
  }

  /// Starts a thread that nobody waits for. The name is what `top -H` shows: 15 bytes of it.
  package static func start(named name: String, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.name = name
    thread.stackSize = 8 << 20
    thread.start()
  }
}
