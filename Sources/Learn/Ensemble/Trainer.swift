internal import Foundation
internal import Networks
internal import Numerics
internal import Vocabulary
internal import WorkUnits

/// Trains one network on some rows and keeps the epoch that is best on others.
struct Trainer {
  let data: MemberData
  let network: any Network
  let recipe: Recipe
  /// In an order that depends on the clips alone.
  let training: [Int]
  let validation: [Int]
  var random: SplitMix64

  /// Leaves the network with the best epoch's weights; the last epoch's where no clip is held out.
  mutating func run(_ metrics: inout TrainMetrics, progress: ProgressReport) throws {
    guard !training.isEmpty else { return }
    let predictor = Predictor(data)
    let held = Matrix(rows: 0, columns: 0)
    data.fill(held, with: validation[...])
    var plateau = Plateau(learningRate: recipe.learningRate, start: metrics.priorValidationLoss ?? .infinity)
    let adam = Adam(network.parameters, learningRate: recipe.learningRate)
    var best = Weights(copying: network)
    for epoch in 1...max(recipe.epochs, 1) {
      adam.learningRate = plateau.learningRate
      let trainingLoss = try trainEpoch(adam)
      let loss = validation.isEmpty ? nil : try validationLoss(predictor, held)
      metrics.epochs.append(
        TrainMetrics.Epoch(learningRate: adam.learningRate, trainingLoss: trainingLoss, validationLoss: loss))
      // Without a held-out clip every epoch counts as the best: the last one is kept.
      if trainingLoss.isFinite, loss.map({ $0.isFinite && plateau.observe($0) }) ?? true {
        best = Weights(copying: network)
        metrics.bestEpoch = epoch
      }
      progress(WorkProgress(done: epoch, total: recipe.epochs, note: note(epoch, trainingLoss, loss)))
      if plateau.isOver || !trainingLoss.isFinite { break }
    }
    best.restore(network)
  }

  private mutating func trainEpoch(_ adam: Adam) throws -> Double {
    var order = training
    random.shuffle(&order)
    let batch = data.makeBatch()
    let (targets, gradient) = (Matrix(rows: 0, columns: 0), Matrix(rows: 0, columns: 0))
    var sum = 0.0
    for rows in recipe.batches(order) {
      try data.fill(batch, with: rows)
      data.fill(targets, with: rows)
      let logits = network.forward(batch, isTraining: true)
      sum += CrossEntropy.loss(logits, targets) * Double(rows.count)
      CrossEntropy.gradient(logits, targets, into: gradient)
      network.backward(gradient)
      adam.step()
    }
    return sum / Double(order.count)
  }

  private func validationLoss(_ predictor: Predictor, _ held: Matrix) throws -> Double {
    let logits = Matrix(
      rows: held.rows, columns: held.columns, values: try predictor.logits(network, of: validation))
    return CrossEntropy.loss(logits, held)
  }

  private func note(_ epoch: Int, _ training: Double, _ validation: Double?) -> String {
    guard let validation else { return String(format: "epoch %d, training log loss %.4f", epoch, training) }
    return String(format: "epoch %d, validation log loss %.4f", epoch, validation)
  }
}
