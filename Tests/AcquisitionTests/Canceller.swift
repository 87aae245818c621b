import Synchronization

/// Cancels a task that may not have been started yet when that is decided.
final class Canceller: Sendable {
  private enum State {
    case waiting, cancelled
    case following(@Sendable () -> Void)
  }

  private let state = Mutex(State.waiting)

  func cancel() {
    let action = state.withLock { state -> (@Sendable () -> Void)? in
      defer { state = .cancelled }
      if case .following(let action) = state { return action }
      return nil
    }
    action?()
  }

  func follow<Success: Sendable>(_ task: Task<Success, any Error>) {
    let isLate = state.withLock { state in
      if case .cancelled = state { return true }
      state = .following { task.cancel() }
      return false
    }
    if isLate { task.cancel() }
  }
}
