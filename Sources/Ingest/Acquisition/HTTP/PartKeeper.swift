internal import Foundation
internal import Subprocesses
private import Synchronization
internal import Vocabulary

/// Hashes a part in order as it grows, makes it durable and writes down how far it is, on a thread of its own: neither the
/// processor nor the disk holds up the network.
final class PartKeeper: Sendable {
  private struct State {
    var record: PartRecord
    var written: RangeSet
    var isEnding = false
    var isAbandoned = false
    var end: Result<Void, any Error>?
  }

  private let file: PartFile
  private let place: Place
  private let state: Mutex<State>
  private let news = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  private let checkpoint: Int64
  private let interval: Double
  private static let block = 1 << 20

  /// Starts the thread; it ends after `end()`, or with the first error.
  init(_ file: PartFile, _ place: Place, _ record: PartRecord, _ options: HTTPOptions) {
    checkpoint = options.checkpointBytes
    interval = options.checkpointSeconds
    self.file = file
    self.place = place
    state = Mutex(State(record: record, written: record.ranges))
    BlockingThread.start(named: "keeper") { [self] in
      let result = Result { try work() }
      state.withLock { $0.end = result }
      ended.signal()
    }
  }

  /// As it is on disk.
  var record: PartRecord { state.withLock { $0.record } }
  var written: RangeSet { state.withLock { $0.written } }
  /// How the thread ended; nil while it works.
  var end: Result<Void, any Error>? { state.withLock { $0.end } }

  func wrote(_ range: Range<Int64>) {
    let isMuch = state.withLock {
      $0.written.insert(range)
      return $0.written.prefix - $0.record.prefix >= min(Int64(Self.block), checkpoint)
    }
    if isMuch { news.signal() }
  }

  /// Something about the part's origin became known; it goes into the next record.
  func note(_ change: (inout PartRecord) -> Void) { state.withLock { change(&$0.record) } }

  /// All that is written by now is hashed and made durable, then the thread ends.
  func finish() {
    state.withLock { $0.isEnding = true }
    news.signal()
  }

  /// Waits so long for the thread to end; nil when it has not.
  func wait(seconds: Double) -> Result<Void, any Error>? {
    // Whoever waits next finds the signal again.
    if ended.wait(timeout: .now() + seconds) == .success { ended.signal() }
    return end
  }

  /// Ends the thread; nothing more is written down.
  func abandon() {
    state.withLock { $0.isAbandoned = true }
    finish()
    ended.wait()
    ended.signal()
  }

  private func work() throws {
    guard var hasher = Hasher256(record.midstate) else { preconditionFailure("only a sound record is gone on with") }
    var saved = record
    var savedAt = Self.now
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.block, alignment: 4096)
    defer { buffer.deallocate() }
    while true {
      let (written, current, isEnding, isAbandoned) = state.withLock {
        ($0.written, $0.record, $0.isEnding, $0.isAbandoned)
      }
      if isAbandoned { return }
      let goal = min(written.prefix, saved.prefix + checkpoint)
      try hash(&hasher, to: goal, buffer)
      var next = current
      next.ranges = written
      next.midstate = hasher.midstate
      let isDue =
        written.count - saved.ranges.count >= checkpoint || next.prefix - saved.prefix >= checkpoint
        || isEnding || Self.now - savedAt >= interval
      if isDue && next != saved {
        try save(next)
        (saved, savedAt) = (next, Self.now)
      } else if isEnding && next.prefix == written.prefix {
        return
      }
      if next.prefix == written.prefix && !isEnding { _ = news.wait(timeout: .now() + min(1, interval)) }
    }
  }

  private func hash(_ hasher: inout Hasher256, to goal: Int64, _ buffer: UnsafeMutableRawBufferPointer) throws {
    var at = hasher.midstate.bytes
    while at < goal {
      let block = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(Int(min(Int64(buffer.count), goal - at))))
      try file.read(into: block, at: at)
      hasher.update(UnsafeRawBufferPointer(block))
      at += Int64(block.count)
    }
  }

  private func save(_ next: PartRecord) throws {
    try file.sync()
    // Without a validator nothing says that a later answer continues these bytes, so nothing is written down to go on from.
    if next.tag != nil { try place.write(next) }
    state.withLock {
      $0.record.ranges = next.ranges
      $0.record.midstate = next.midstate
    }
  }

  private static var now: Double { ProcessInfo.processInfo.systemUptime }
}
