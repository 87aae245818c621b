internal import Dispatch
internal import Foundation

/// SIGTERM and SIGINT, which stop the daemon, and SIGHUP, which has it read its configuration again, as something to wait
/// for.
package enum Signals {
  private static let stops = arrivals(SIGTERM, SIGINT)
  /// An element for each SIGHUP, or for several that came at once. One reader.
  static let hangups = arrivals(SIGHUP)

  /// Takes the signals' default action away, and keeps from now on what arrives before anybody waits for it: call it first
  /// of all. Children get theirs back when they are started.
  package static func take() {
    signal(SIGPIPE, SIG_IGN)
    _ = (stops, hangups)
  }

  /// Returns when SIGTERM or SIGINT has arrived, or when the task is cancelled.
  static func next() async { for await _ in stops { return } }

  private static func arrivals(_ numbers: Int32...) -> AsyncStream<Void> {
    AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
      // Dispatch's own objects are safe on all threads; its module does not say so.
      nonisolated(unsafe) let sources = numbers.map { number in
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { continuation.yield() }
        source.activate()
        return source
      }
      continuation.onTermination = { _ in for source in sources { source.cancel() } }
    }
  }
}
