internal import Foundation
private import Synchronization

/// Questions of the control server's threads, which may wait, to the daemon's actors, which answer in the daemon's task
/// group: no task runs outside it.
final class Questions: Sendable {
  private let questions: AsyncStream<@Sendable () async -> Void>
  private let queue: AsyncStream<@Sendable () async -> Void>.Continuation

  init() { (questions, queue) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(64)) }

  /// Answers until the task is cancelled.
  func answer() async { for await question in questions { await question() } }

  /// Blocks its thread, for ten seconds at most: a catalog that is busy for longer is in trouble, and says so elsewhere.
  func ask<Value: Sendable>(_ question: @escaping @Sendable () async throws -> Value) throws -> Value {
    let answer = Answer<Value>()
    let queued = queue.yield {
      do {
        answer.give(.success(try await question()))
      } catch {
        answer.give(.failure(error))
      }
    }
    guard case .enqueued = queued else { throw Busy() }
    return try answer.take()
  }

  private final class Answer<Value: Sendable>: Sendable {
    private let ready = DispatchSemaphore(value: 0)
    private let result = Mutex<Result<Value, any Error>?>(nil)

    func give(_ value: Result<Value, any Error>) {
      result.withLock { $0 = value }
      ready.signal()
    }

    func take() throws -> Value {
      _ = ready.wait(timeout: .now() + 10)
      guard let value = result.withLock({ $0 }) else { throw Busy() }
      return try value.get()
    }
  }

  private struct Busy: Error, CustomStringConvertible {
    var description: String { "the catalog did not answer within ten seconds" }
  }
}
