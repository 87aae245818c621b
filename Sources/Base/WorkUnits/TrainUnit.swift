package import Vocabulary

/// How the ensemble is trained. The defaults are the reference solution's.
package struct TrainSettings: Sendable, Codable, Hashable {
  package var folds: Int
  package var epochs: Int
  /// Epochs after those, in which clips without a label take part; 0 for none.
  package var pseudoLabelEpochs: Int
  /// Folds of the second level; 0 for none: the members' mean is the ensemble then.
  package var stackFolds: Int
  package var learningRate: Float
  package var seed: UInt64

  package init(
    folds: Int = 5, epochs: Int = 15, pseudoLabelEpochs: Int = 5, stackFolds: Int = 10, learningRate: Float = 1e-3,
    seed: UInt64 = 7_961_730
  ) {
    self.folds = folds
    self.epochs = epochs
    self.pseudoLabelEpochs = pseudoLabelEpochs
    self.stackFolds = stackFolds
    self.learningRate = learningRate
    self.seed = seed
  }
}

/// Trains one network on all folds but one and predicts the one. Output: `weights.safetensors`, `out-of-fold.safetensors`
/// (`logits` float32 [n, classes] and `rows` int32 [n]: indices into the data set's rows, ascending) and `metrics.json`.
package struct TrainSpec: Sendable, Codable {
  package enum Trainee: Sendable, Codable {
    /// On the rows' features; folds are the rows' `fold`.
    case member(MemberModel)
    /// The second level, on what these members say out of fold; folds are the rows' `stackFold`.
    case stack([TrainedMember])
  }

  /// Where training is written down between two epochs, so that a unit that was killed goes on there.
  package struct Resumption: Sendable, Codable {
    /// On the file system of the unit's output. Whoever publishes the unit removes it.
    package var path: BytePath
    /// Seconds of work that a kill may cost; an epoch that takes longer is always written down.
    package var interval: Double

    package init(path: BytePath, interval: Double) {
      self.path = path
      self.interval = interval
    }
  }

  package var dataset: BytePath
  package var trainee: Trainee
  package var fold: Int
  package var settings: TrainSettings
  /// Weights of the same network to go on from; nil to begin with random ones.
  package var weights: BytePath?
  /// Nil to begin anew in any case.
  package var resumption: Resumption?

  package init(
    dataset: BytePath, trainee: Trainee, fold: Int, settings: TrainSettings, weights: BytePath? = nil,
    resumption: Resumption? = nil
  ) {
    self.dataset = dataset
    self.trainee = trainee
    self.fold = fold
    self.settings = settings
    self.weights = weights
    self.resumption = resumption
  }

  package static let weightsName = "weights.safetensors"
  package static let outOfFoldName = "out-of-fold.safetensors"
  package static let metricsName = "metrics.json"
}
