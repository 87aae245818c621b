/// Where the training of a network stands between two epochs: what is decided from losses alone.
///
/// First the plain epochs, which end early where they bring nothing more. Then, from the best of them on, the epochs with
/// pseudo-labels at the rate that the plain ones ended with (the reference's callbacks cannot lower it there).
package struct Course: Sendable, Codable {
  package private(set) var epochs: [TrainMetrics.Epoch] = []
  /// Counted from 1; 0 while no epoch was better than what training began with.
  package private(set) var bestEpoch = 0
  package private(set) var plateau: Plateau
  private var plainEpochs = 0
  private var isPlainOver = false
  /// What an epoch has to be better than to be kept; nil where no clip is held out, and every epoch is.
  private var leastLoss: Double?
  /// Whether the weights that training began with have learned before.
  private let isWarm: Bool

  package enum Step: Sendable, Equatable {
    case plain
    case withPseudoLabels(isFirst: Bool)
  }

  /// - Parameters:
  ///   - start: the loss before the first epoch: weights are not worth keeping unless they are better. Nil without a
  ///     held-out clip.
  ///   - isWarm: whether training goes on from weights that have learned before.
  package init(_ recipe: Recipe, start: Double?, isWarm: Bool = false) {
    plateau = Plateau(learningRate: recipe.learningRate, patience: recipe.patience)
    leastLoss = start
    self.isWarm = isWarm
  }

  /// Whether the latest epoch's weights are those to be kept.
  var isAtItsBest: Bool { bestEpoch == epochs.count }

  /// What comes next; nil at the end. A network that has learned nothing has no labels to give.
  package func next(_ recipe: Recipe, hasUnlabelled: Bool) -> Step? {
    if !isPlainOver && plainEpochs < recipe.epochs { return .plain }
    let done = epochs.count - plainEpochs
    guard hasUnlabelled, bestEpoch > 0 || isWarm, done < recipe.pseudoLabelEpochs, epochs.last?.trainingLoss != nil
    else {
      return nil
    }
    return .withPseudoLabels(isFirst: done == 0)
  }

  /// Takes in an epoch; true when its weights are the best so far.
  package mutating func take(_ epoch: TrainMetrics.Epoch, of step: Step) -> Bool {
    epochs.append(epoch)
    if step == .plain {
      plainEpochs += 1
      if let loss = epoch.validationLoss { plateau.observe(loss) }
      isPlainOver = plateau.isOver || epoch.trainingLoss == nil
    }
    guard epoch.trainingLoss != nil else { return false }
    if let least = leastLoss {
      guard let loss = epoch.validationLoss, loss < least else { return false }
      leastLoss = loss
    }
    bestEpoch = epochs.count
    return true
  }
}
