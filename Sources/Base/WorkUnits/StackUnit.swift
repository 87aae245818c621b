package import Vocabulary

/// Brings the out-of-fold predictions of all levels together, chooses the ensemble's second level by them, finds the blend
/// and judges the result. Output: `blend.json` (`Sealed<Blend>`), `metrics.json`, `answers.safetensors`
/// (`ClipProbabilities`: the ensemble's of every labelled clip, found without the clip's own fold), `report.json` and
/// `full-report.json`.
package struct StackSpec: Sendable, Codable {
  /// The finished run before this one, of the same classes.
  package struct Previous: Sendable, Codable {
    package var name: String
    /// Its `answers.safetensors`.
    package var answers: BytePath

    package init(name: String, answers: BytePath) {
      self.name = name
      self.answers = answers
    }
  }

  package var dataset: BytePath
  package var members: [TrainedMember]
  /// The second level's folds, a published directory each; empty where none is trained.
  package var stack: [BytePath]
  package var previous: Previous?
  package var settings: TrainSettings

  package init(
    dataset: BytePath, members: [TrainedMember], stack: [BytePath], previous: Previous? = nil, settings: TrainSettings
  ) {
    self.dataset = dataset
    self.members = members
    self.stack = stack
    self.previous = previous
    self.settings = settings
  }

  package static let blendName = "blend.json"
  package static let metricsName = "metrics.json"
  package static let answersName = "answers.safetensors"
  package static let reportName = "report.json"
}

/// How members' probabilities become the ensemble's: made one by the second level, drawn a little to the prior, then
/// bounded.
package struct Blend: Sendable, Codable, Equatable {
  package enum SecondLevel: Sendable, Codable, Equatable {
    /// The stack's networks, on all members' probabilities.
    case stack
    /// Of each class, the mean of the members that answer for it.
    case mean
    /// One member alone, by its place.
    case member(Int)
  }

  package var level: SecondLevel
  /// Share of each class among the labelled clips: the answer for a clip without features.
  package var priors: [Float]
  /// How far every answer is drawn to its prior: 0 not at all, 1 all the way. Near 0 unless labels are few.
  package var shrink: Float
  /// Bounds of each class's probability, found on out-of-fold predictions.
  package var lowest: [Float]
  package var highest: [Float]

  package init(level: SecondLevel = .mean, priors: [Float], shrink: Float, lowest: [Float], highest: [Float]) {
    self.level = level
    self.priors = priors
    self.shrink = shrink
    self.lowest = lowest
    self.highest = highest
  }

  /// The answer for one class, given the second level's; the prior where that is no number.
  package func apply(_ probability: Float, class index: Int) -> Float {
    guard probability.isFinite else { return priors[index] }
    let drawn = probability + (priors[index] - probability) * shrink
    return min(max(drawn, lowest[index]), highest[index])
  }
}
