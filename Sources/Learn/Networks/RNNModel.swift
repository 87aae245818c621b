package import Numerics
internal import Vocabulary

/// The reference solution's RNN model: batch norm, two stacked recurrences that read backwards, and attention over time of
/// [first, second, normalised features]; beside it the range of every feature over time and a branch for the metadata;
/// joined, normalised, two dense layers, one logit a class.
///
/// The first recurrence reads the frames from the last to the first and, as Keras has it, hands its states on in that
/// order: its moment s belongs to frame T - 1 - s, and still is joined with frame s. The second one reads those backwards
/// again, so its moments are the frames'. That is how the reference was trained, and kept.
///
/// Where it departs: `DenseModel`'s two ways, and where dropout acts on the features (`NormalisedProjection`).
package final class RNNModel: Network {
  package struct Shape: Sendable, Codable, Hashable {
    package var frames: Int
    package var width: Int
    package var metadata: Int
    package var classes: Int
    /// Of each recurrence.
    package var units = 512
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
    /// Shares of values dropped in training: before and after each recurrence; of what attention and range give, and in
    /// the metadata's branch; after the hidden layers.
    package var sequences: Float = 0.15
    package var pooled: Float = 0.25
    package var hidden: Float = 0.3
    /// Of the moving statistics.
    package var momentum = BatchNorm.momentum

    package init() {}
  }

  private let norm: NormalisedFeatures
  private let projection: NormalisedProjection
  private let first: GatedRecurrence
  private let firstDropout: Dropout
  private let between: Dense
  private let second: GatedRecurrence
  private let secondDropout: Dropout
  private let attention: SequenceAttention
  private let pooledDropouts: [Dropout]
  private let head: JoinedHead

  /// - Parameter seed: of the initial weights and of dropout; nil where loaded weights take their place at once.
  package init(_ shape: Shape, _ settings: Regularisation = Regularisation(), seed: UInt64?) {
    var random = SplitMix64(seed: seed ?? 0)
    let isDrawn = seed != nil
    let (units, frames) = (shape.units, shape.frames)
    norm = NormalisedFeatures("features", width: shape.width, momentum: settings.momentum)
    projection = NormalisedProjection(
      "first", outputs: 3 * units, norm: norm, dropout: settings.sequences, random: &random, isDrawn: isDrawn)
    first = GatedRecurrence("first", units: units, frames: frames, random: &random, isDrawn: isDrawn)
    firstDropout = Dropout(settings.sequences, random: &random)
    between = Dense(
      "second", inputs: units, outputs: 3 * units, hasBias: true, random: &random, isDrawn: isDrawn)
    second = GatedRecurrence("second", units: units, frames: frames, random: &random, isDrawn: isDrawn)
    secondDropout = Dropout(settings.sequences, random: &random)
    attention = SequenceAttention("attention", sequences: [units, units], norm: norm, random: &random)
    pooledDropouts = (0..<2).map { _ in Dropout(settings.pooled, random: &random) }
    head = JoinedHead(
      JoinedHead.Shape(
        parts: 2 * (units + shape.width), metadata: shape.metadata, classes: shape.classes, hidden: shape.hidden,
        metadataHidden: shape.metadataHidden),
      JoinedHead.Rates(joined: 0, hidden: settings.hidden, metadata: [settings.pooled, settings.pooled]),
      momentum: settings.momentum, &random, isDrawn: isDrawn)
  }

  package var parameters: [Parameter] {
    [norm.gamma, norm.beta] + norm.moving.parameters + projection.parameters + first.parameters + between.parameters
      + second.parameters + [attention.weight] + head.parameters
  }

  package func start(at shares: [Double]) { head.start(at: shares) }

  package func restart(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    projection.restart(&random)
    for dropout in [firstDropout, secondDropout] + pooledDropouts { dropout.restart(&random) }
    head.restart(&random)
  }

  package func forward(_ batch: FeatureBatch, isTraining: Bool) -> Matrix {
    norm.observe(batch, isTraining: isTraining)
    let one = firstDropout.forward(
      first.forward(projection.forward(batch, isTraining: isTraining), isTraining: isTraining), isTraining: isTraining)
    let two = secondDropout.forward(
      second.forward(between.forward(one, isTraining: isTraining), isTraining: isTraining), isTraining: isTraining)
    let pooled = attention.forward([one, two], batch, isTraining: isTraining)
    let parts = zip([pooled, norm.range], pooledDropouts).map { $1.forward($0, isTraining: isTraining) }
    return head.forward(parts, batch.metadata, isTraining: isTraining)
  }

  package func backward(_ gradient: Matrix) {
    norm.clearGradients()
    let pooled = pooledDropouts[0].backward(head.backward(gradient)[0])
    let direct = attention.backward(pooled)
    let second = between.backward(second.backward(secondDropout.backward(direct[1])))
    // The first recurrence's states are read by the second and by the attention.
    Vectors.add(direct[0].start, to: second.start, count: second.count)
    projection.backward(first.backward(firstDropout.backward(second)))
  }
}
