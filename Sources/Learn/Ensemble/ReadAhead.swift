internal import Foundation
internal import Networks
internal import Subprocesses

/// Reads a member's clips batch by batch: the next batch on a thread of its own, while the caller computes on this one, and
/// the disk brings the one after. Never more than two batches are in memory as float32.
final class ReadAhead {
  private let data: MemberData
  private let slots: [FeatureBatch]

  init(_ data: MemberData) {
    self.data = data
    slots = (0..<2).map { _ in data.makeBatch() }
  }

  /// Calls `body` with each batch in order. When this returns or throws, nothing reads any more.
  func forEach(_ batches: [[Int]], _ body: (FeatureBatch, [Int]) throws -> Void) throws {
    let reader = Reader(data, batches, slots)
    BlockingThread.start(named: "read ahead") { reader.run() }
    defer { reader.stop() }
    for (index, rows) in batches.enumerated() {
      try body(reader.wait(for: index), rows)
      reader.release(index)
    }
  }
}

/// One pass over some batches. `condition` guards every variable; a slot belongs to the reader until it is filled, and to
/// the caller until it is released.
private final class Reader: @unchecked Sendable {
  private let data: MemberData
  private let batches: [[Int]]
  private let slots: [FeatureBatch]
  private let condition = NSCondition()
  private var filled = 0
  private var released = 0
  private var isStopped = false
  private var hasEnded = false
  private var failure: (any Error)?

  init(_ data: MemberData, _ batches: [[Int]], _ slots: [FeatureBatch]) {
    self.data = data
    self.batches = batches
    self.slots = slots
  }

  func run() {
    var index = 0
    if let first = batches.first { data.willRead(first) }
    while index < batches.count, mayFill(index) {
      if index + 1 < batches.count { data.willRead(batches[index + 1]) }
      do {
        try data.fill(slots[index % slots.count], with: batches[index])
      } catch {
        change { failure = error }
        break
      }
      index += 1
      change { filled = index }
    }
    change { hasEnded = true }
  }

  private func mayFill(_ index: Int) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while !isStopped && index - released >= slots.count { condition.wait() }
    return !isStopped
  }

  func wait(for index: Int) throws -> FeatureBatch {
    condition.lock()
    defer { condition.unlock() }
    while filled <= index {
      if let failure { throw failure }
      condition.wait()
    }
    return slots[index % slots.count]
  }

  func release(_ index: Int) { change { released = index + 1 } }

  func stop() {
    condition.lock()
    defer { condition.unlock() }
    isStopped = true
    condition.broadcast()
    while !hasEnded { condition.wait() }
  }

  private func change(_ body: () -> Void) {
    condition.lock()
    body()
    condition.broadcast()
    condition.unlock()
  }
}
