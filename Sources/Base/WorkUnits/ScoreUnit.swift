package import Vocabulary

/// Scores clips with a finished ensemble. Output: `scores.safetensors` (`ClipProbabilities`, in the data set's order).
package struct ScoreSpec: Sendable, Codable {
  package var dataset: BytePath
  package var members: [TrainedMember]
  /// The second level's folds, a published directory each.
  package var stack: [BytePath]
  package var blend: BytePath

  package init(dataset: BytePath, members: [TrainedMember], stack: [BytePath] = [], blend: BytePath) {
    self.dataset = dataset
    self.members = members
    self.stack = stack
    self.blend = blend
  }

  package static let scoresName = "scores.safetensors"
}
