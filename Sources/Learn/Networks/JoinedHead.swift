internal import Numerics
internal import Vocabulary

/// What the first-level models have in common above their features: a branch for the metadata, joined with the parts that
/// a model made of its features, normalised, two dense layers, one logit a class.
final class JoinedHead {
  struct Shape {
    /// Width of the model's own parts together.
    var parts: Int
    /// 0 for no branch.
    var metadata: Int
    var classes: Int
    var hidden: Int
    var metadataHidden: Int
  }

  /// Shares of values dropped: after the join's batch norm, after each hidden layer, after each of the branch's two.
  struct Rates {
    var joined: Float
    var hidden: Float
    var metadata: [Float]
  }

  /// Nil without metadata.
  private let branch: Chain?
  private let joint = Join()
  private let layers: Chain
  private let output: Dense

  init(_ shape: Shape, _ rates: Rates, momentum: Float, _ random: inout SplitMix64, isDrawn: Bool) {
    let side = shape.metadataHidden
    func block(_ name: String, _ inputs: Int, _ outputs: Int, dropping share: Float) -> [any Layer] {
      Chain.block(name, inputs, outputs, momentum: momentum, &random, isDrawn: isDrawn)
        + Self.dropout(share, &random)
    }
    branch =
      shape.metadata == 0
      ? nil
      : Chain(
        block("metadata.0", shape.metadata, side, dropping: rates.metadata[0])
          + block("metadata.1", side, side, dropping: rates.metadata[1]))
    let joined = shape.parts + (shape.metadata == 0 ? 0 : side)
    layers = Chain(
      [BatchNorm("joined", features: joined, momentum: momentum)] + Self.dropout(rates.joined, &random)
        + block("head.0", joined, shape.hidden, dropping: rates.hidden)
        + block("head.1", shape.hidden, shape.hidden, dropping: rates.hidden))
    output = Dense(
      "output", inputs: shape.hidden, outputs: shape.classes, hasBias: true, random: &random, isDrawn: isDrawn)
  }

  private static func dropout(_ share: Float, _ random: inout SplitMix64) -> [any Layer] {
    share == 0 ? [] : [Dropout(share, random: &random)]
  }

  var parameters: [Parameter] { (branch?.parameters ?? []) + layers.parameters + output.parameters }

  func start(at shares: [Double]) { output.start(at: shares) }

  func restart(_ random: inout SplitMix64) {
    branch?.restart(&random)
    layers.restart(&random)
  }

  /// Returns logits [clips, classes].
  ///
  /// - Parameter parts: [clips, own width] each.
  func forward(_ parts: [Matrix], _ metadata: Matrix, isTraining: Bool) -> Matrix {
    let all = parts + (branch.map { [$0.forward(metadata, isTraining: isTraining)] } ?? [])
    return output.forward(layers.forward(joint.forward(all), isTraining: isTraining), isTraining: isTraining)
  }

  /// Returns the gradients of the parts, that of the branch's output after them.
  func backward(_ gradient: Matrix) -> [Matrix] {
    let parts = joint.backward(layers.backward(output.backward(gradient)))
    if let branch, let own = parts.last { _ = branch.backward(own) }
    return parts
  }
}
