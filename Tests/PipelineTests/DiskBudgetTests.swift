import Acquisition
import Pipeline
import Settings
import Testing

@Suite struct DiskBudgetTests {
  private static let gib: Int64 = 1 << 30

  private func position(_ total: Int64?, fetched: Int64, consumed: Int64 = 0, mayDiscard: Bool) -> DiskBudget.Position {
    DiskBudget.Position(total: total, fetched: fetched, consumed: consumed, mayDiscard: mayDiscard)
  }

  @Test func theDefaultReserveIsATwentiethAndBounded() {
    #expect(DiskBudget(reserve: nil, space: DiskSpace(free: 0, size: 100 << 30)).reserve == 5 << 30)
    #expect(DiskBudget(reserve: nil, space: DiskSpace(free: 0, size: 4 << 40)).reserve == 20 << 30)
    #expect(DiskBudget(reserve: 7, space: DiskSpace(free: 0, size: 4 << 40)).reserve == 7)
  }

  @Test func itPausesAtTheReserveAndGoesOnALittleAbove() {
    var budget = DiskBudget(reserve: Self.gib, space: DiskSpace(free: 9 << 30, size: 10 << 30))
    let whole = position(nil, fetched: 0, mayDiscard: false)
    #expect(!budget.look(DiskSpace(free: Self.gib, size: 10 << 30), whole).isPaused)
    #expect(budget.look(DiskSpace(free: Self.gib - 1, size: 10 << 30), whole).isPaused)
    #expect(budget.look(DiskSpace(free: Self.gib + 1, size: 10 << 30), whole).isPaused)
    #expect(!budget.look(DiskSpace(free: Self.gib + Self.gib / 8, size: 10 << 30), whole).isPaused)
  }

  @Test func aDiskThatHoldsBothGivesNothingBack() {
    var budget = DiskBudget(reserve: Self.gib, space: DiskSpace(free: 50 << 30, size: 60 << 30))
    let demand = budget.look(
      DiskSpace(free: 50 << 30, size: 60 << 30), position(20 << 30, fetched: 0, mayDiscard: true))
    #expect(demand.horizon == .max)
    #expect(!budget.isPassingThrough)
  }

  @Test func aDiskThatIsTooSmallLetsTheArchivePassThrough() {
    var budget = DiskBudget(reserve: Self.gib, space: DiskSpace(free: 4 << 30, size: 4 << 30))
    let space = DiskSpace(free: 4 << 30, size: 4 << 30)
    #expect(budget.look(space, position(20 << 30, fetched: 0, mayDiscard: true)).horizon == Self.gib)
    #expect(budget.isPassingThrough)
    // It goes on passing through once it has begun to, and the window moves with what is read.
    let later = budget.look(space, position(20 << 30, fetched: 19 << 30, consumed: 19 << 30, mayDiscard: true))
    #expect(later.horizon == 20 << 30)
    // What must be whole to be read is let in whole.
    var zip = position(20 << 30, fetched: 0, mayDiscard: true)
    zip.needed = 3 << 30
    #expect(budget.look(space, zip).horizon == 3 << 30)
  }

  /// Where everything is to be kept, a disk that is too small is a reason to wait and no reason to throw away.
  @Test func whatIsKeptIsNeverGivenBack() {
    var budget = DiskBudget(reserve: Self.gib, space: DiskSpace(free: 4 << 30, size: 4 << 30))
    let demand = budget.look(
      DiskSpace(free: 4 << 30, size: 4 << 30), position(20 << 30, fetched: 0, mayDiscard: false))
    #expect(demand.horizon == .max)
    #expect(!budget.isPassingThrough)
  }

  /// Simulated: a source that writes up to its horizon, a reader that unpacks and an extractor that removes clips. However
  /// they are paced, the disk is never filled beyond the reserve, and everything gets through.
  @Test(arguments: [1, 3, 10]) func everythingGetsThroughASmallDisk(pace: Int64) {
    let size: Int64 = 4 << 30
    let total: Int64 = 20 << 30
    let step: Int64 = 32 << 20
    var fetched: Int64 = 0
    var read: Int64 = 0
    var extracted: Int64 = 0
    var lowest = size
    var budget = DiskBudget(reserve: 512 << 20, space: DiskSpace(free: size, size: size))
    var rounds = 0
    while extracted < total && rounds < 100_000 {
      rounds += 1
      let free = size - (fetched - read) - (read - extracted)
      lowest = min(lowest, free)
      let demand = budget.look(
        DiskSpace(free: free, size: size), position(total, fetched: fetched, consumed: read, mayDiscard: true))
      if !demand.isPaused { fetched = max(fetched, min(total, demand.horizon, fetched + step * pace)) }
      if !demand.isPaused { read = min(fetched, read + step) }
      if rounds % 2 == 0 { extracted = min(read, extracted + step) }
    }
    #expect(extracted == total)
    #expect(lowest > 512 << 20 - step * pace)
  }
}
