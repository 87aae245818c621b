import Ensemble
import Testing
import WorkUnits

@Suite struct RecipeTests {
  @Test(arguments: [(0, 16), (5, 16), (64, 16), (80, 20), (255, 63), (256, 64), (200_000, 64)])
  func aBatchIsAQuarterOfFewClips(_ clips: Int, _ batch: Int) {
    #expect(Recipe(clips: clips, settings: TrainSettings()).batch == batch)
    #expect(Recipe(clips: clips, settings: TrainSettings(batch: 1)).batch == 1)
  }

  @Test(arguments: [0, 1, 7, 8, 9, 16, 17, 65, 1000])
  func batchesHoldEveryRowOnce(_ count: Int) {
    let rows = Array(0..<count)
    let recipe = Recipe(clips: count, settings: TrainSettings())
    let batches = recipe.batches(rows)
    #expect(batches.flatMap { Array($0) } == rows)
    let sizes = batches.map(\.count)
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1 && (sizes.max() ?? 0) <= recipe.batch)
  }
}

/// Keras's rules: what the rate is after each epoch, when it ends, which epochs were the best so far.
@Suite struct PlateauTests {
  struct Case: Sendable {
    var losses: [Double]
    var rates: [Float]
    var best: [Int]
    var isOver: Bool
  }

  @Test(arguments: [
    Case(losses: [0.5, 0.4, 0.3], rates: [1, 1, 1], best: [0, 1, 2], isOver: false),
    Case(losses: [0.5, 0.6, 0.6], rates: [1, 1, 0.7], best: [0], isOver: false),
    Case(losses: [0.5, 0.6, 0.6, 0.6], rates: [1, 1, 0.7, 0.7], best: [0], isOver: true),
    // Better by less than 0.0001 is the best so far, and flat all the same.
    Case(losses: [0.5, 0.49999, 0.49998], rates: [1, 1, 0.7], best: [0, 1, 2], isOver: false),
    // Worse than the start is not kept, and does not count as flat.
    Case(losses: [0.9, 0.8, 0.7, 0.59], rates: [1, 1, 1, 1], best: [3], isOver: false),
  ])
  func rulesAreKerass(_ example: Case) {
    var plateau = Plateau(learningRate: 1, start: 0.6)
    var best: [Int] = []
    var rates: [Float] = []
    for (epoch, loss) in example.losses.enumerated() {
      #expect(!plateau.isOver)
      if plateau.observe(loss) { best.append(epoch) }
      rates.append(plateau.learningRate)
    }
    #expect(best == example.best && plateau.isOver == example.isOver)
    for (rate, expected) in zip(rates, example.rates) { #expect(abs(rate - expected) < 1e-6) }
  }

  @Test func theRateHasAFloor() {
    var plateau = Plateau(learningRate: 2e-4, start: 0)
    for _ in 0..<40 { _ = plateau.observe(1) }
    #expect(plateau.learningRate == 1e-4)
    var low = Plateau(learningRate: 1e-5, start: 0)
    for _ in 0..<40 { _ = low.observe(1) }
    #expect(low.learningRate == 1e-5)
  }
}
