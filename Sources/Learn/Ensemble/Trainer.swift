internal import Foundation
internal import Networks
internal import Numerics
internal import Vocabulary
internal import WorkUnits

/// Trains one network on some rows and keeps the epoch that is best on others.
///
/// Whatever an epoch draws follows from the seed and its number, so that training that is taken up between two epochs goes
/// on with the bytes it would have had.
struct Trainer {
  /// In an order that depends on the clips alone.
  struct Rows {
    var training: [Int]
    var validation: [Int]
    var unlabelled: [Int]

    /// How many of the unlabelled take part in an epoch with pseudo-labels.
    func pseudoLabels(_ recipe: Recipe) -> Int {
      min(recipe.pseudoLabels(labelled: training.count), unlabelled.count)
    }
  }

  let learner: any Learner
  let recipe: Recipe
  var targets: Targets
  let rows: Rows
  /// A seed for one purpose.
  let seed: (String) -> UInt64
  let checkpoint: Checkpoint?
  /// Whether the network comes with weights that have learned before.
  let isWarm: Bool

  /// Leaves the network with the best epoch's weights, where no clip is held out the last one's; with those that it came
  /// with where no epoch was better than `start`, the loss of answering the priors or of the weights that it goes on from.
  mutating func run(start: Double?, progress: ProgressReport) throws -> Course {
    var course = Course(recipe, start: start, isWarm: isWarm)
    guard !rows.training.isEmpty else { return course }
    let network = learner.network
    var adam = Adam(network.parameters, learningRate: recipe.learningRate)
    var best = Weights(copying: network)
    if let saved = checkpoint?.load(network, learningRate: recipe.learningRate) { (course, adam, best) = saved }
    var pace = Pace(recipe, rows)
    while let step = course.next(recipe, hasUnlabelled: rows.pseudoLabels(recipe) > 0) {
      let number = course.epochs.count + 1
      if step == .withPseudoLabels(isFirst: true) { best.restore(network) }
      network.restart(seed: seed("dropout \(number)"))
      adam.learningRate = course.plateau.learningRate
      pace.begin(course, step)
      let (batches, pseudoLabels) = try batches(step, number)
      let loss = try train(adam, batches) { if let report = pace.progress($0) { progress(report) } }
      let epoch = TrainMetrics.Epoch(
        learningRate: adam.learningRate, pseudoLabels: pseudoLabels,
        // A loss is that before a step, and the last step may have ruined the weights.
        trainingLoss: Weights.areFinite(network) ? loss : nil, validationLoss: try validationLoss())
      if course.take(epoch, of: step) { best = Weights(copying: network) }
      // What is no number could not be taken up again, and there is nothing more to do.
      if epoch.trainingLoss != nil { try checkpoint?.save(course, network, adam, best: best) }
      progress(pace.ended(epoch))
    }
    best.restore(network)
    return course
  }

  private mutating func batches(_ step: Course.Step, _ number: Int) throws -> (batches: [[Int]], pseudoLabels: Int) {
    var order = rows.training
    var random = SplitMix64(seed: seed("order \(number)"))
    random.shuffle(&order)
    guard case .withPseudoLabels = step else { return (recipe.batches(order), 0) }
    // One draw for all these epochs, as in the reference; all there are where they are fewer than the batches have room for.
    var pool = rows.unlabelled
    var drawing = SplitMix64(seed: seed("unlabelled"))
    drawing.shuffle(&pool)
    pool = Array(pool.prefix(rows.pseudoLabels(recipe)))
    targets.label(pool, by: try learner.logits(of: pool, outputs: targets.classes.count))
    random.shuffle(&pool)
    return (recipe.batches(labelled: order, unlabelled: pool), pool.count)
  }

  /// Returns the mean loss of the rows; nil when it is no number.
  private func train(_ adam: Adam, _ batches: [[Int]], _ report: (Int) -> Void) throws -> Double? {
    let (wanted, gradient) = (Matrix(rows: 0, columns: 0), Matrix(rows: 0, columns: 0))
    var sum = 0.0
    var done = 0
    try learner.forEachBatch(batches, isTraining: true) { rows, logits in
      targets.fill(wanted, with: rows)
      sum += CrossEntropy.loss(logits, wanted) * Double(rows.count)
      CrossEntropy.gradient(logits, wanted, into: gradient)
      learner.network.backward(gradient)
      adam.step()
      done += rows.count
      report(done)
    }
    let loss = sum / Double(max(done, 1))
    return loss.isFinite ? loss : nil
  }

  /// Of the network as it is; nil when no clip is held out, and when it is no number.
  func validationLoss() throws -> Double? {
    if rows.validation.isEmpty { return nil }
    let wanted = Matrix(rows: 0, columns: 0)
    targets.fill(wanted, with: rows.validation)
    let loss = CrossEntropy.loss(try learner.logits(of: rows.validation, outputs: targets.classes.count), wanted)
    return loss.isFinite ? loss : nil
  }
}
