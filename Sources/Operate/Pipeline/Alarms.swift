private import Synchronization

/// Waits of sources for a later attempt, which people may cut short.
final class Alarms: Sendable {
  private let sleepers = Mutex<[String: AsyncStream<Void>.Continuation]>([:])

  /// Returns after so many seconds, or when somebody rings: true then.
  ///
  /// - Throws: `CancellationError`.
  func sleep(_ id: String, seconds: Double) async throws -> Bool {
    let (bell, ringer) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    sleepers.withLock { $0[id] = ringer }
    defer { sleepers.withLock { $0[id] = nil } }
    let isRung = try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await Task.sleep(for: .seconds(seconds))
        return false
      }
      group.addTask {
        for await _ in bell { return true }
        return false
      }
      defer { group.cancelAll() }
      return try await group.next() ?? false
    }
    try Task.checkCancellation()
    return isRung
  }

  /// Wakes a source; nil for all. Returns those that slept, by name.
  func ring(_ id: String? = nil) -> [String] {
    sleepers.withLock { sleepers in
      let chosen = sleepers.filter { id == nil || $0.key == id }
      for ringer in chosen.values { ringer.yield() }
      return chosen.keys.sorted()
    }
  }
}
