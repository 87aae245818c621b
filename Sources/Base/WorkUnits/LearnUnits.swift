package import Vocabulary

/// A first-level model of the ensemble: what it reads and how it is built. A table of these is the ensemble.
package struct MemberModel: Sendable, Codable, Hashable {
  package enum Kind: String, Sendable, Codable {
    /// Attention and max-min over time, metadata branch, two dense layers; no recurrence.
    case dense
  }

  /// `motion-dense`, `resnet152-dense`, ...: also its folder under `runs/<key>/`.
  package var name: String
  package var kind: Kind
  /// Indices into the data set's feature sets; several are joined on the feature axis.
  package var inputs: [Int]

  package init(name: String, kind: Kind, inputs: [Int]) {
    self.name = name
    self.kind = kind
    self.inputs = inputs
  }
}

/// How the ensemble is trained. The defaults are the reference solution's.
package struct TrainSettings: Sendable, Codable, Hashable {
  package var folds: Int
  package var epochs: Int
  package var batch: Int
  package var learningRate: Float
  package var seed: UInt64

  package init(folds: Int = 5, epochs: Int = 15, batch: Int = 64, learningRate: Float = 1e-3, seed: UInt64 = 7_961_730)
  {
    self.folds = folds
    self.epochs = epochs
    self.batch = batch
    self.learningRate = learningRate
    self.seed = seed
  }
}

/// Trains one member on all folds but one. Output: `weights.safetensors`, `out-of-fold.safetensors` (`logits` float32
/// [n, classes] and `rows` int32 [n]: indices into the data set's rows, ascending) and `metrics.json`.
package struct TrainSpec: Sendable, Codable {
  package var dataset: BytePath
  package var member: MemberModel
  package var fold: Int
  package var settings: TrainSettings

  package init(dataset: BytePath, member: MemberModel, fold: Int, settings: TrainSettings) {
    self.dataset = dataset
    self.member = member
    self.fold = fold
    self.settings = settings
  }

  package static let weightsName = "weights.safetensors"
  package static let outOfFoldName = "out-of-fold.safetensors"
  package static let metricsName = "metrics.json"
}

/// A trained member: one published directory per fold, in the order of the folds.
package struct TrainedMember: Sendable, Codable, Hashable {
  package var member: MemberModel
  package var folds: [BytePath]

  package init(member: MemberModel, folds: [BytePath]) {
    self.member = member
    self.folds = folds
  }
}

/// Combines the members' out-of-fold logits and judges the result. Output: `blend.json` and `report.json`.
package struct StackSpec: Sendable, Codable {
  package var dataset: BytePath
  package var members: [TrainedMember]
  package var settings: TrainSettings

  package init(dataset: BytePath, members: [TrainedMember], settings: TrainSettings) {
    self.dataset = dataset
    self.members = members
    self.settings = settings
  }

  package static let blendName = "blend.json"
  package static let reportName = "report.json"
}

/// How members' probabilities become the ensemble's: their mean, drawn a little to the prior, then bounded.
package struct Blend: Sendable, Codable, Equatable {
  /// Share of each class among the labelled clips: the answer for a clip without features.
  package var priors: [Float]
  /// How far every answer is drawn to its prior: 0 not at all, 1 all the way. Near 0 unless labels are few.
  package var shrink: Float
  /// Bounds of each class's probability, found on out-of-fold predictions.
  package var lowest: [Float]
  package var highest: [Float]

  package init(priors: [Float], shrink: Float, lowest: [Float], highest: [Float]) {
    self.priors = priors
    self.shrink = shrink
    self.lowest = lowest
    self.highest = highest
  }

  /// The answer for one class, given the mean of the members' probabilities.
  package func apply(_ probability: Float, class index: Int) -> Float {
    let drawn = probability + (priors[index] - probability) * shrink
    return min(max(drawn, lowest[index]), highest[index])
  }
}

/// How good the ensemble is by its out-of-fold predictions: `report.json`.
package struct ScoringReport: Sendable, Codable {
  package struct ClassScore: Sendable, Codable {
    package var name: String
    package var positives: Int
    /// Binary log loss of this class, and of answering its prior.
    package var logLoss: Double
    package var priorLogLoss: Double

    package init(name: String, positives: Int, logLoss: Double, priorLogLoss: Double) {
      self.name = name
      self.positives = positives
      self.logLoss = logLoss
      self.priorLogLoss = priorLogLoss
    }
  }

  package struct MemberScore: Sendable, Codable {
    package var name: String
    package var logLoss: Double

    package init(name: String, logLoss: Double) {
      self.name = name
      self.logLoss = logLoss
    }
  }

  /// Labelled clips that were scored out of fold.
  package var clips: Int
  /// Mean over the classes of the binary log loss; the same for answering every class's prior (taken from the other
  /// folds, as the models are).
  package var logLoss: Double
  package var priorLogLoss: Double
  package var classes: [ClassScore]
  package var members: [MemberScore]

  package init(clips: Int, logLoss: Double, priorLogLoss: Double, classes: [ClassScore], members: [MemberScore]) {
    self.clips = clips
    self.logLoss = logLoss
    self.priorLogLoss = priorLogLoss
    self.classes = classes
    self.members = members
  }
}

/// Scores clips with a finished ensemble. Output: `scores.safetensors` (`probabilities` float32 [n, classes], and
/// `clips` uint8 [n, 32]: the clips' digests, in the data set's order).
package struct ScoreSpec: Sendable, Codable {
  package var dataset: BytePath
  package var members: [TrainedMember]
  package var blend: BytePath

  package init(dataset: BytePath, members: [TrainedMember], blend: BytePath) {
    self.dataset = dataset
    self.members = members
    self.blend = blend
  }

  package static let scoresName = "scores.safetensors"
}
