private import Synchronization

/// Where a fetcher and the reader of its files meet. The fetcher reports; the reader says how much may come.
package final class FetchFlow: Sendable {
  /// The newest status; one that nobody took is replaced by the next, unless all are kept. For one reader; ends when
  /// `finish` is called.
  package let statuses: AsyncStream<FetchStatus>
  private let sink: AsyncStream<FetchStatus>.Continuation
  private let current = Mutex(FetchDemand())

  /// - Parameter isComplete: keeps every status until it is taken, for those who must see all that was told.
  package init(keepingAll isComplete: Bool = false) {
    (statuses, sink) = AsyncStream.makeStream(bufferingPolicy: isComplete ? .unbounded : .bufferingNewest(1))
  }

  /// Called by the fetcher, from any thread.
  package func report(_ status: FetchStatus) { sink.yield(status) }

  /// Called by whoever ran the fetcher, when it has returned.
  package func finish() { sink.finish() }

  /// What is wanted now. A fetcher looks at it several times a second; the reader sets it whenever it changes.
  package var demand: FetchDemand {
    get { current.withLock { $0 } }
    set { current.withLock { $0 = newValue } }
  }
}
