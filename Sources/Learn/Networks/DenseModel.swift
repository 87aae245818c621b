package import Numerics
internal import Vocabulary

/// The reference solution's dense model: attention over the normalised frames, beside it the range of every feature over
/// time, and a branch for the metadata; joined, normalised, two dense layers, one logit a class.
///
/// Two departures, which matter where steps are few: the logits start at the classes' log odds and not at random ones
/// (`DenseModel.start`), and moving statistics are averages from the first step on (`MovingStatistics`).
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
  private let range = TimeRange()
  /// Nil without metadata.
  private let branch: Chain?
  private let joint = Join()
  private let head: Chain
  private let output: Dense

  /// - Parameter seed: of the initial weights and of dropout.
  package init(_ shape: Shape, _ settings: Regularisation = Regularisation(), seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let momentum = settings.momentum
    attention = NormalisedAttention(
      "attention", frames: shape.frames, width: shape.width, momentum: momentum, random: &random)
    let side = shape.metadataHidden
    branch =
      shape.metadata == 0
      ? nil
      : Chain(
        Self.block("metadata.0", shape.metadata, side, momentum, &random)
          + [Dropout(settings.dropout, random: &random)]
          + Self.block("metadata.1", side, side, momentum, &random))
    let joined = 2 * shape.width + (shape.metadata == 0 ? 0 : side)
    var layers: [any Layer] = [
      BatchNorm("joined", features: joined, momentum: momentum), Dropout(settings.dropout, random: &random),
    ]
    for (index, inputs) in [joined, shape.hidden].enumerated() {
      layers += Self.block("head.\(index)", inputs, shape.hidden, momentum, &random)
      layers.append(Dropout(settings.dropout, random: &random))
    }
    head = Chain(layers)
    output = Dense("output", inputs: shape.hidden, outputs: shape.classes, hasBias: true, random: &random)
  }

  private static func block(
    _ name: String, _ inputs: Int, _ outputs: Int, _ momentum: Float, _ random: inout SplitMix64
  ) -> [any Layer] {
    [
      Dense(name, inputs: inputs, outputs: outputs, hasBias: false, random: &random),
      BatchNorm("\(name).norm", features: outputs, momentum: momentum), Rectifier(),
    ]
  }

  package var parameters: [Parameter] {
    attention.parameters + (branch?.parameters ?? []) + head.parameters + output.parameters
  }

  /// Makes the network answer `shares` for every clip, until it has learned better.
  ///
  /// - Parameter shares: of the classes among the training clips, in (0, 1).
  package func start(at shares: [Double]) {
    output.weight.value.fill(0)
    output.bias?.value.copy(shares.map { Float(logOdds($0)) })
  }

  package func forward(_ batch: FeatureBatch, isTraining: Bool) -> Matrix {
    var parts = [attention.forward(batch, isTraining: isTraining), range.forward(batch)]
    if let branch { parts.append(branch.forward(batch.metadata, isTraining: isTraining)) }
    return output.forward(head.forward(joint.forward(parts), isTraining: isTraining), isTraining: isTraining)
  }

  package func backward(_ gradient: Matrix) {
    let parts = joint.backward(head.backward(output.backward(gradient)))
    attention.backward(parts[0])
    if let branch { _ = branch.backward(parts[2]) }
  }
}
