import Foundation
import TestSupport
import Testing
import Watching

/// Thousands of arrivals in every way, seen through a queue of 16 notes: each file is taken exactly once, none before it has
/// settled, none from outside. `PRIMATRIX_ARRIVALS=20000` makes it as many, `PRIMATRIX_SEED` another order.
@Suite(.serialized) struct ArrivalTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let arrivals = environment["PRIMATRIX_ARRIVALS"].flatMap(Int.init) ?? 2000
  private static let seed = environment["PRIMATRIX_SEED"].flatMap(UInt64.init) ?? 7

  struct Manner: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var mode: WatchOptions.Mode
    /// Notes that are kept, and things that happen between two readings at most.
    var notes: Int
    var burst: Int
  }

  @Test(arguments: [
    Manner(testDescription: "a queue of 16", mode: .auto, notes: 16, burst: 8),
    Manner(testDescription: "a queue of 1", mode: .auto, notes: 1, burst: 8),
    Manner(testDescription: "the kernel's own queue", mode: .auto, notes: .max, burst: 30),
    Manner(testDescription: "looking alone", mode: .scan, notes: .max, burst: 30),
  ]) func eachIsTakenOnce(manner: Manner) throws {
    try Scratch.with { directory in
      let folder = directory.appending(path: "inbox")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      var limits = WatchOptions.Limits()
      limits.notes = manner.notes
      let walk = DrivenWalk(
        folder, mode: manner.mode, rescan: manner.mode == .scan ? DrivenWalk.settle / 3 : 1e9, limits: limits)
      let world = try ArrivalWorld(walk, pausesAreLong: manner.mode == .auto, seed: Self.seed)
      world.turn()
      // More at a time where there are more: with notes lost, each turn looks at everything.
      let burst = manner.burst * max(1, Self.arrivals / 2000)
      var rounds = 0
      while world.arrived < Self.arrivals, world.mistakes.isEmpty {
        for _ in 0...world.number(below: burst) {
          try world.act()
          if manner.notes > 16 && world.number(below: 3) == 0 { world.turn() }
        }
        rounds += 1
        if rounds % 40 == 0 { try world.rsynced(30) }
        world.idle()
      }
      world.end()
      #expect(world.mistakes.prefix(5).isEmpty, "after \(world.arrived) arrivals")
    }
  }
}
