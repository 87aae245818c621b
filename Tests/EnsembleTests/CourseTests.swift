import Ensemble
import Testing
import WorkUnits

/// Keras's rules: what the rate is after each epoch, and when it ends.
@Suite struct PlateauTests {
  struct Case: Sendable {
    var losses: [Double]
    var rates: [Float]
    var isOver: Bool
  }

  @Test(arguments: [
    Case(losses: [0.5, 0.4, 0.3], rates: [1, 1, 1], isOver: false),
    Case(losses: [0.5, 0.6, 0.6], rates: [1, 1, 0.7], isOver: false),
    Case(losses: [0.5, 0.6, 0.6, 0.6], rates: [1, 1, 0.7, 0.7], isOver: true),
    // Better by less than 0.0001 is the best so far, and flat all the same.
    Case(losses: [0.5, 0.49999, 0.49998], rates: [1, 1, 0.7], isOver: false),
  ])
  func rulesAreKerass(_ example: Case) {
    var plateau = Plateau(learningRate: 1)
    var rates: [Float] = []
    for loss in example.losses {
      #expect(!plateau.isOver)
      plateau.observe(loss)
      rates.append(plateau.learningRate)
    }
    #expect(plateau.isOver == example.isOver)
    for (rate, expected) in zip(rates, example.rates) { #expect(abs(rate - expected) < 1e-6) }
  }

  @Test func theRateHasAFloor() {
    var plateau = Plateau(learningRate: 2e-4)
    for _ in 0..<40 { plateau.observe(1) }
    #expect(plateau.learningRate == 1e-4)
    var low = Plateau(learningRate: 1e-5)
    for _ in 0..<40 { low.observe(1) }
    #expect(low.learningRate == 1e-5)
  }
}

/// Which epochs there are, and which of them is kept.
@Suite struct CourseTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Nil for a loss that is no number.
    var losses: [Double?]
    var start: Double? = 0.6
    var isWarm = false
    var hasUnlabelled = true
    /// How many of the epochs are without pseudo-labels.
    var plain: Int
    var best: Int
  }

  @Test(arguments: [
    Case(testDescription: "all epochs", losses: [0.5, 0.4, 0.3, 0.2, 0.1, 0.05], plain: 4, best: 6),
    Case(testDescription: "none worth keeping, so no labels to give", losses: [0.9, 0.8, 0.7, 0.6], plain: 4, best: 0),
    Case(
      testDescription: "none better than the weights that it goes on from, which have labels to give",
      losses: [0.9, 0.8, 0.7, 0.6, 0.7, 0.5], isWarm: true, plain: 4, best: 6),
    Case(testDescription: "early end", losses: [0.5, 0.51, 0.52, 0.53, 0.4, 0.45], plain: 4, best: 5),
    Case(
      testDescription: "no early end with pseudo-labels", losses: [0.5, 0.4, 0.3, 0.2, 0.9, 0.8], plain: 4, best: 4),
    Case(
      testDescription: "no clip without a label", losses: [0.5, 0.4, 0.3, 0.2], hasUnlabelled: false, plain: 4, best: 4),
    Case(testDescription: "no number", losses: [0.5, nil], plain: 2, best: 1),
    Case(testDescription: "no number with pseudo-labels", losses: [0.5, 0.4, 0.3, 0.2, nil], plain: 4, best: 4),
    Case(testDescription: "no clip held out", losses: [0.5, 0.6, 0.7, 0.8, 0.9, 1], start: nil, plain: 4, best: 6),
  ])
  func theBestEpochIsKept(_ example: Case) {
    let recipe = Recipe(clips: 100, settings: TrainSettings(epochs: 4, pseudoLabelEpochs: 2))
    var course = Course(recipe, start: example.start, isWarm: example.isWarm)
    var kept = 0
    var plain = 0
    for (index, loss) in example.losses.enumerated() {
      guard let step = course.next(recipe, hasUnlabelled: example.hasUnlabelled) else {
        Issue.record("ended before epoch \(index + 1)")
        return
      }
      if step == .plain { plain += 1 }
      if index > 0, plain < index + 1 { #expect(step == .withPseudoLabels(isFirst: plain == index)) }
      let epoch = TrainMetrics.Epoch(
        learningRate: 1, pseudoLabels: 0, trainingLoss: loss, validationLoss: example.start == nil ? nil : loss)
      if course.take(epoch, of: step) { kept = index + 1 }
    }
    #expect(course.next(recipe, hasUnlabelled: example.hasUnlabelled) == nil)
    #expect(course.bestEpoch == example.best && kept == example.best && plain == example.plain)
  }
}
