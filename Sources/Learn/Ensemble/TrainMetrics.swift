/// How the training of one fold went: `metrics.json`. Losses are mean binary cross-entropies over clips and classes, in
/// nats.
struct TrainMetrics: Codable, Equatable {
  struct Clips: Codable, Equatable {
    var training: Int
    var validation: Int
    /// Labelled clips that were left out because their features are missing or no numbers.
    var withoutFeatures: Int
  }

  struct Epoch: Codable, Equatable {
    var learningRate: Float
    /// Mean over the epoch's batches, each before its step and with dropout.
    var trainingLoss: Double
    /// Nil when no clip is held out.
    var validationLoss: Double?
  }

  var clips: Clips
  var batch: Int
  /// Of answering the training clips' priors, which is what the network starts with.
  var priorValidationLoss: Double?
  var epochs: [Epoch] = []
  /// Counted from 1: the epoch whose weights were kept. 0 when no epoch was better than the priors.
  var bestEpoch = 0
}
