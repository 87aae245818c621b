internal import Foundation
internal import Subprocesses
internal import WorkUnits

/// Writes and hashes what the reader reads, on two threads, while the reader reads on: a queue of pieces that each thread
/// goes through at its own pace, and the memory that they lie in.
final class MemberPipeline: @unchecked Sendable {
  // Unchecked: the counters are guarded by `condition`. Everything else is the reader's alone, but for pieces that were
  // submitted, which nobody changes until both threads have passed them.

  /// Memory that is lent to the reader and then read by the threads.
  final class Block {
    static let bytes = 1 << 20
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: Block.bytes, alignment: 4096)
    /// The reader still wants it.
    fileprivate var isLent = false
    /// The count of pieces with which the threads are through with it.
    fileprivate var busyUntil = 0

    deinit { memory.deallocate() }
  }

  private struct Piece {
    var bytes: UnsafeRawBufferPointer
    var member: MemberFile
    /// The member ends here.
    var isLast: Bool
  }

  private enum Stage: Int { case write, hash }

  private static let queueLength = 64
  private static let blockCount = 12

  private let condition = NSCondition()
  private let blocks = (0..<blockCount).map { _ in Block() }
  private var queue = [Piece?](repeating: nil, count: queueLength)
  private var submitted = 0
  /// Pieces that each stage is through with.
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

  /// Lends memory whose former content nobody needs any more, when there is some.
  ///
  /// - Throws: `WorkError(.environment)` when what came before could not be written.
  func lend() throws(WorkError) -> Block {
    guard let block = blocks.filter({ !$0.isLent }).min(by: { $0.busyUntil < $1.busyUntil }) else {
      preconditionFailure("the reader borrows fewer blocks than there are")
    }
    try wait { min(passed[0], passed[1]) >= block.busyUntil }
    block.isLent = true
    return block
  }

  /// Ends a loan.
  func giveBack(_ block: Block?) { block?.isLent = false }

  /// Passes on bytes of a block that is lent; they must not be changed any more. Throws as `lend`.
  func submit(_ bytes: UnsafeRawBufferPointer, in block: Block?, of member: MemberFile, isLast: Bool) throws(WorkError)
  {
    try wait { submitted - min(passed[0], passed[1]) < Self.queueLength }
    condition.lock()
    queue[submitted % Self.queueLength] = Piece(bytes: bytes, member: member, isLast: isLast)
    submitted += 1
    condition.broadcast()
    condition.unlock()
    block?.busyUntil = submitted
  }

  /// Returns when everything that was submitted is written and hashed. Throws as `lend`.
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
      let piece = queue[passed[stage.rawValue] % Self.queueLength]
      let isVain = trouble != nil
      condition.unlock()
      let failure = isVain ? nil : piece.flatMap { handle($0, stage) }
      condition.lock()
      trouble = trouble ?? failure
      passed[stage.rawValue] += 1
      condition.broadcast()
    }
    threads -= 1
    condition.broadcast()
    condition.unlock()
  }

  private func handle(_ piece: Piece, _ stage: Stage) -> WorkError? {
    switch stage {
    case .hash: piece.member.hash(piece.bytes, isLast: piece.isLast)
    case .write:
      do throws(WorkError) { try piece.member.write(piece.bytes) } catch { return error }
      if piece.isLast { piece.member.close() }
    }
    return nil
  }
}
