import Decoding
import Testing
import Vocabulary

@Suite struct SampleClockTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var average: [Int64]
    var base: [Int64]
    var sampling: Sampling
    var positions: [Int64]

    init(_ average: [Int64], base: [Int64]? = nil, every rate: (Int, Int), _ positions: [Int64]) {
      self.average = average
      self.base = base ?? average
      sampling = Sampling(rateNumerator: rate.0, rateDenominator: rate.1, frames: positions.count, side: 1)
      self.positions = positions
    }

    var testDescription: String { "\(average) \(base) every \(sampling.rateNumerator)/\(sampling.rateDenominator)" }
  }

  /// floor(i / rate * fps), worked out by hand.
  static let cases = [
    Case([24, 1], every: (3, 1), [0, 8, 16, 24, 32]),
    Case([24, 1], every: (2, 1), [0, 12, 24, 36]),
    Case([30, 1], every: (3, 1), [0, 10, 20, 30]),
    Case([18, 1], every: (4, 1), [0, 4, 9, 13, 18]),
    Case([1, 1], every: (3, 1), [0, 0, 0, 1, 1, 1, 2]),
    Case([25, 1], every: (3, 1), [0, 8, 16, 25, 33, 41, 50]),
    // 30.0004 frames a second: just above whole numbers, never below.
    Case([65521, 2184], every: (3, 1), [0, 10, 20, 30, 40]),
    Case([30000, 1001], every: (1, 1), [0, 29, 59, 89, 119]),
    Case([10, 1], every: (1, 2), [0, 20, 40, 60]),
    // Headers that lie: time stamps decide.
    Case([0, 0], every: (2, 1), [0, 500_000, 1_000_000]),
    Case([1_000_000_000, 1], every: (3, 1), [0, 333_333, 666_666, 1_000_000]),
    Case([30, 1], base: [5, 1], every: (1, 1), [0, 1_000_000]),
    // One of two that makes sense.
    Case([0, 1], base: [12, 1], every: (1, 1), [0, 12, 24]),
    Case([12, 1], base: [90000, 1], every: (1, 1), [0, 12, 24]),
  ]

  @Test(arguments: cases) func positions(_ example: Case) {
    let clock = SampleClock(
      average: (example.average[0], example.average[1]), base: (example.base[0], example.base[1]))
    #expect(clock.positions(example.sampling) == example.positions)
  }
}
