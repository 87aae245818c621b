private import Synchronization
internal import Watching

/// A watcher's events, as many at a time as have come while the ones before were dealt with.
enum GatheredEvents {
  private final class Heap: Sendable {
    private let events = Mutex<[WatchEvent]>([])

    func add(_ event: WatchEvent) { events.withLock { $0.append(event) } }
    func take() -> [WatchEvent] {
      events.withLock { events in
        defer { events = [] }
        return events
      }
    }
  }

  /// Returns when the events end; what `body` throws ends it too.
  static func of(
    _ events: some AsyncSequence<WatchEvent, Never> & Sendable, _ body: ([WatchEvent]) async throws -> Void
  ) async throws {
    let heap = Heap()
    // One bell is enough: whoever hears it takes everything.
    let (bell, ringer) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for await event in events {
          heap.add(event)
          ringer.yield()
        }
        ringer.finish()
      }
      for await _ in bell { try await body(heap.take()) }
    }
  }
}
