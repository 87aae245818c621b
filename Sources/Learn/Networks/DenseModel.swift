package import Numerics
internal import Vocabulary

/// The reference solution's dense model: attention over the normalised frames, beside it the range of every feature over
/// time, and a branch for the metadata; joined, normalised, two dense layers, one logit a class.
///
/// Its concat model is the same network on the features of several backbones, joined on the feature axis: `width` is the
/// sum of theirs, and the batch is filled one backbone beside the other (`FeatureBatch.take`).
///
/// Two departures, which matter where steps are few: the logits start at the classes' log odds and not at random ones
/// (`start`), and moving statistics are averages from the first step on (`MovingStatistics`).
package final class DenseModel: Network {
  package struct Shape: Sendable, Codable, Hashable {
    package var frames: Int
    package var width: Int
    package var metadata: Int
    package var classes: Int
    package var hidden = 1024
    package var metadataHidden = 128

    package init(frames: Int, width: Int, metadata: Int, classes: Int) {
      self.frames = frames
      self.width = width
      self.metadata = metadata
      self.classes = classes
    }
  }

  package struct Regularisation: Sendable {
    /// Share of values dropped in training.
    package var dropout: Float = 0.25
    /// Of the moving statistics.
    package var momentum = BatchNorm.momentum

    package init() {}
  }

  private let attention: NormalisedAttention
  private let head: JoinedHead

  /// - Parameter seed: of the initial weights and of dropout; nil where loaded weights take their place at once.
  package init(_ shape: Shape, _ settings: Regularisation = Regularisation(), seed: UInt64?) {
    var random = SplitMix64(seed: seed ?? 0)
    attention = NormalisedAttention(
      "attention", frames: shape.frames, width: shape.width, momentum: settings.momentum, random: &random)
    head = JoinedHead(
      JoinedHead.Shape(
        parts: 2 * shape.width, metadata: shape.metadata, classes: shape.classes, hidden: shape.hidden,
        metadataHidden: shape.metadataHidden),
      JoinedHead.Rates(joined: settings.dropout, hidden: settings.dropout, metadata: [settings.dropout, 0]),
      momentum: settings.momentum, &random, isDrawn: seed != nil)
  }

  package var parameters: [Parameter] { attention.parameters + head.parameters }

  package func start(at shares: [Double]) { head.start(at: shares) }

  package func restart(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    head.restart(&random)
  }

  package func forward(_ batch: FeatureBatch, isTraining: Bool) -> Matrix {
    let pooled = attention.forward(batch, isTraining: isTraining)
    return head.forward([pooled, attention.norm.range], batch.metadata, isTraining: isTraining)
  }

  package func backward(_ gradient: Matrix) { attention.backward(head.backward(gradient)[0]) }
}
