import FrameExchange
import Testing
import Vocabulary
import WorkUnits

@Suite struct FrameLayoutTests {
  private static let wide = Sampling(rateNumerator: 3, frames: 45, side: 40)
  private static let slow = Sampling(rateNumerator: 1, rateDenominator: 2, frames: 7, side: 5)

  @Test func samplingsShareASlotAndSlotsShareNothing() throws {
    let layout = try FrameLayout(of: [Self.wide, Self.slow, Self.wide], micro: .standard)
    #expect(layout.samplings == [Self.wide, Self.slow])
    let ranges = (0..<FrameLayout.slots).flatMap { slot in
      (0..<2).map { layout.range(of: $0, slot: slot) } + [layout.microRange(slot: slot)]
    }
    let sizes = layout.samplings.map(\.byteCount) + [MicroFormat.standard.byteLimit]
    for (index, range) in ranges.enumerated() {
      #expect(range.count == sizes[index % 3])
      #expect(range.upperBound <= layout.byteCount)
      #expect(ranges[..<index].allSatisfy { !$0.overlaps(range) })
    }
    #expect(layout.slotBytes % 4096 == 0)
    #expect(try FrameLayout(of: [Self.wide]).microRange(slot: 1).isEmpty)
    #expect(try FrameLayout(of: [], micro: .standard).samplings.isEmpty)
  }

  @Test(arguments: [
    [], [Sampling(rateNumerator: 0, frames: 1, side: 1)],
    [Sampling(rateNumerator: 1, rateDenominator: 0, frames: 1, side: 1)],
    [Sampling(rateNumerator: 1, frames: 0, side: 1)], [Sampling(rateNumerator: 1, frames: 1, side: 0)],
    [Sampling(rateNumerator: 1, frames: .max, side: .max)], [Sampling(rateNumerator: 3, frames: 45, side: 2048)],
  ])
  func whatIsImpossibleOrTooLargeIsRefused(_ samplings: [Sampling]) {
    #expect(throws: WorkError.self) { try FrameLayout(of: samplings) }
  }
}
