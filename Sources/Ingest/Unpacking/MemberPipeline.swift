internal import Foundation
internal import Subprocesses
internal import WorkUnits

/// Writes and hashes what the reader reads, on two threads, while the reader reads on: a ring of buffers that each thread
/// goes through at its own pace.
final class MemberPipeline: @unchecked Sendable {
  // Unchecked: the counters are guarded by `condition`, and a slot is only touched by the reader before it is submitted,
  // by the threads after that, and by the reader again when both have passed it.

  private struct Slot {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: MemberPipeline.slotBytes, alignment: 4096)
    var count = 0
    var member: MemberFile?
    /// The member ends here.
    var isLast = false
  }

  private enum Stage: Int { case write, hash }

  static let slotBytes = 1 << 20
  private static let slotCount = 8

  private let condition = NSCondition()
  private var slots = (0..<slotCount).map { _ in Slot() }
  private var submitted = 0
  /// Slots that each stage is through with.
  private var passed = [0, 0]
  private var threads = 0
  private var isOver = false
  private var trouble: WorkError?

  /// Returns when both threads run: a filter on system calls that is loaded after that does not meet their beginning.
  init() {
    for (stage, name) in [(Stage.write, "write"), (.hash, "hash")] {
      BlockingThread.start(named: name) { [self] in work(stage) }
    }
    condition.lock()
    while threads < 2 { condition.wait() }
    condition.unlock()
  }

  deinit { for slot in slots { slot.buffer.deallocate() } }

  /// Where the next bytes go, when there is room for them.
  ///
  /// - Throws: `WorkError(.environment)` when what came before could not be written.
  func buffer() throws(WorkError) -> UnsafeMutableRawBufferPointer {
    try wait { submitted - min(passed[0], passed[1]) < Self.slotCount }
    return slots[submitted % Self.slotCount].buffer
  }

  /// Passes on the first `count` bytes of `buffer()`.
  func submit(_ count: Int, of member: MemberFile, isLast: Bool) {
    let index = submitted % Self.slotCount
    slots[index].count = count
    slots[index].member = member
    slots[index].isLast = isLast
    condition.lock()
    submitted += 1
    condition.broadcast()
    condition.unlock()
  }

  /// Returns when everything that was submitted is written and hashed. Throws as `buffer`.
  func drain() throws(WorkError) {
    try wait { passed[0] == submitted && passed[1] == submitted }
  }

  /// Ends the threads; what they have not yet done is not done.
  func stop() {
    condition.lock()
    isOver = true
    condition.broadcast()
    while threads > 0 { condition.wait() }
    condition.unlock()
  }

  private func wait(until isReached: () -> Bool) throws(WorkError) {
    condition.lock()
    defer { condition.unlock() }
    while !isReached() && trouble == nil { condition.wait() }
    if let trouble { throw trouble }
  }

  private func work(_ stage: Stage) {
    condition.lock()
    threads += 1
    condition.broadcast()
    while true {
      while passed[stage.rawValue] == submitted && !isOver { condition.wait() }
      if isOver { break }
      let index = passed[stage.rawValue] % Self.slotCount
      let isVain = trouble != nil
      condition.unlock()
      let failure = isVain ? nil : handle(index, stage)
      condition.lock()
      trouble = trouble ?? failure
      passed[stage.rawValue] += 1
      condition.broadcast()
    }
    threads -= 1
    condition.broadcast()
    condition.unlock()
  }

  private func handle(_ index: Int, _ stage: Stage) -> WorkError? {
    let slot = slots[index]
    guard let member = slot.member else { return nil }
    let bytes = UnsafeRawBufferPointer(rebasing: slot.buffer.prefix(slot.count))
    switch stage {
    case .hash: member.hash(bytes, isLast: slot.isLast)
    case .write:
      do throws(WorkError) { try member.write(bytes) } catch { return error }
      if slot.isLast { member.close() }
    }
    return nil
  }
}
