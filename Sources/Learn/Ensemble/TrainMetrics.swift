/// How the training of one fold went: `metrics.json`. Losses are mean binary cross-entropies over clips and classes, in
/// nats.
package struct TrainMetrics: Codable, Equatable {
  struct Clips: Codable, Equatable {
    var training: Int
    var validation: Int
    /// Without a label, that may take part in the epochs with pseudo-labels.
    var unlabelled: Int
    /// Labelled clips that were left out because their features are missing or no numbers.
    var withoutFeatures: Int
    /// Held-out clips with the priors in place of a prediction that is no number.
    var withoutPrediction: Int
  }

  package struct Epoch: Sendable, Codable, Equatable {
    package var learningRate: Float
    /// Clips with pseudo-labels that took part.
    package var pseudoLabels: Int
    /// Mean over the epoch's batches, each before its step and with dropout. Nil when it was no number, or a weight was
    /// none afterwards: that ended it.
    package var trainingLoss: Double?
    /// Nil when no clip is held out, and when it was no number.
    package var validationLoss: Double?

    package init(learningRate: Float, pseudoLabels: Int, trainingLoss: Double?, validationLoss: Double?) {
      self.learningRate = learningRate
      self.pseudoLabels = pseudoLabels
      self.trainingLoss = trainingLoss
      self.validationLoss = validationLoss
    }
  }

  var clips: Clips
  var batch: Int
  /// Of answering the training clips' priors, which is what the network starts with.
  var priorValidationLoss: Double?
  var epochs: [Epoch]
  /// Counted from 1: the epoch whose weights were kept. 0 when no epoch was better than what it began with.
  var bestEpoch: Int
}
