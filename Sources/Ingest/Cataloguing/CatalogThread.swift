private import Foundation
private import Synchronization

/// The thread that the catalog lives on: SQLite waits for the disk, and the cooperative pool must not.
final class CatalogThread: SerialExecutor {
  /// Guarded by the lock of `condition`.
  private final class Queue: @unchecked Sendable {
    let condition = NSCondition()
    var jobs: [UnownedJob] = []
    var ended = false
  }

  private let queue = Queue()

  init() {
    let thread = Thread { [queue, weak self] in
      while let jobs = Self.next(queue) {
        guard let executor = self?.asUnownedSerialExecutor() else { return }
        for job in jobs { job.runSynchronously(on: executor) }
      }
    }
    thread.name = "catalog"
    thread.start()
  }

  deinit {
    queue.condition.lock()
    queue.ended = true
    queue.condition.signal()
    queue.condition.unlock()
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.condition.lock()
    queue.jobs.append(job)
    queue.condition.signal()
    queue.condition.unlock()
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

  private static func next(_ queue: Queue) -> [UnownedJob]? {
    queue.condition.lock()
    defer { queue.condition.unlock() }
    while queue.jobs.isEmpty && !queue.ended { queue.condition.wait() }
    defer { queue.jobs = [] }
    return queue.jobs.isEmpty ? nil : queue.jobs
  }
}
