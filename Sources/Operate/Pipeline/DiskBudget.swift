package import Acquisition
internal import Foundation
package import Settings
internal import Vocabulary

/// How much a source may bring, from what the disk has left. Pure, so that every disk can be written down in a test.
package struct DiskBudget: Sendable {
  /// Bytes that stay free.
  package var reserve: Int64
  package private(set) var isPaused = false
  /// True once the disk turned out too small for the archive and what is in it: bytes are given back as they are read.
  package private(set) var isPassingThrough: Bool

  /// - Parameter isPassingThrough: true where an earlier attempt has given bytes back already.
  package init(reserve: Int64?, space: DiskSpace, isPassingThrough: Bool = false) {
    self.reserve = reserve ?? space.usualReserve
    self.isPassingThrough = isPassingThrough
  }

  /// What a source is at. Bytes of all its wanted files, laid end to end.
  package struct Position: Sendable {
    package var total: Int64?
    /// Fetched, and of these read by the unpacker for good.
    package var fetched: Int64
    package var consumed: Int64
    /// Where the archive ends that is read next, when it can only be read whole; 0 otherwise.
    package var needed: Int64 = 0
    /// True when the archive may go as it is read.
    package var mayDiscard: Bool

    package init(total: Int64?, fetched: Int64, consumed: Int64, needed: Int64 = 0, mayDiscard: Bool) {
      self.total = total
      self.fetched = fetched
      self.consumed = consumed
      self.needed = needed
      self.mayDiscard = mayDiscard
    }
  }

  /// Looks at the disk again.
  package mutating func look(_ space: DiskSpace, _ position: Position) -> FetchDemand {
    // Resuming a little above the reserve: at its edge a source would stop and go with every clip.
    let margin = min(max(reserve / 8, 16 << 20), 1 << 30)
    isPaused = space.free < (isPaused ? reserve + margin : reserve)
    if position.mayDiscard && !fits(space, position) { isPassingThrough = true }
    var demand = FetchDemand()
    demand.isPaused = isPaused
    if isPassingThrough {
      // A third for what is fetched and not read, the rest for what comes out of it and for features.
      let held = max(position.fetched - position.consumed, 0)
      let window = max((space.free - reserve + held) / 3, Self.smallestWindow)
      demand.horizon = max(position.consumed + window, position.needed)
    }
    return demand
  }

  private static let smallestWindow: Int64 = 16 << 20

  /// Whether the disk holds the whole archive and as much again: clips are compressed already.
  private func fits(_ space: DiskSpace, _ position: Position) -> Bool {
    guard let total = position.total else { return !isPaused }
    return space.free - reserve >= max(total - position.fetched, 0) + max(total - position.consumed, 0)
  }

  /// Bytes of members in one batch: small enough that a batch is never what fills the disk.
  package func batchBytes(_ space: DiskSpace) -> Int64 {
    min(max((space.free - reserve) / 8, 4 << 20), 256 << 20)
  }
}
