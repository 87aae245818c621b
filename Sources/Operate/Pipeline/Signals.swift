internal import Dispatch
internal import Foundation

/// SIGTERM and SIGINT, which stop the daemon, and SIGHUP, which has it read its configuration again, as something to wait for.
package enum Signals {
  private static let handled: [Int32] = [SIGTERM, SIGINT]

  /// Takes the signals' default action away: call it first of all. Children get theirs back when they are started.
  package static func take() {
    for number in handled + [SIGPIPE, SIGHUP] { signal(number, SIG_IGN) }
  }

  /// Returns when one of them has arrived, or when the task is cancelled.
  static func next() async {
    let (signals, continuation) = AsyncStream.makeStream(of: Void.self)
    let sources = handled.map { number in
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler { continuation.yield() }
      source.activate()
      return source
    }
    for await _ in signals { break }
    for source in sources { source.cancel() }
  }

  /// An element for each SIGHUP, or for several that came at once.
  static func hangups() -> AsyncStream<Void> {
    AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
      // Dispatch's own objects are safe on all threads; its module does not say so.
      nonisolated(unsafe) let source = DispatchSource.makeSignalSource(signal: SIGHUP, queue: .global())
      source.setEventHandler { continuation.yield() }
      continuation.onTermination = { _ in source.cancel() }
      source.activate()
    }
  }
}
