internal import Dispatch
internal import Foundation

/// SIGTERM and SIGINT as something to wait for.
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
}
