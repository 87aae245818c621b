package import Numerics
internal import Vocabulary

/// The reference solution's second level: from the members' probabilities of a clip, one column each, to the logits of
/// its classes. Batch norm, dropout, two dense layers.
package final class StackModel: Trainable {
  package struct Shape: Sendable, Codable, Hashable {
    package var columns: Int
    package var classes: Int
    package var hidden = 512

    package init(columns: Int, classes: Int) {
      self.columns = columns
      self.classes = classes
    }
  }

  package struct Regularisation: Sendable {
    /// Shares of values dropped in training: of the normalised input, and after each hidden layer.
    package var input: Float = 0.15
    package var hidden: Float = 0.25
    /// Of the moving statistics.
    package var momentum = BatchNorm.momentum

    package init() {}
  }

  private let layers: Chain
  private let output: Dense

  /// - Parameter seed: of the initial weights and of dropout; nil where loaded weights take their place at once.
  package init(_ shape: Shape, _ settings: Regularisation = Regularisation(), seed: UInt64?) {
    var random = SplitMix64(seed: seed ?? 0)
    var layers: [any Layer] = [
      BatchNorm("input", features: shape.columns, momentum: settings.momentum),
      Dropout(settings.input, random: &random),
    ]
    for (index, inputs) in [shape.columns, shape.hidden].enumerated() {
      layers += Chain.block(
        "hidden.\(index)", inputs, shape.hidden, momentum: settings.momentum, &random, isDrawn: seed != nil)
      layers.append(Dropout(settings.hidden, random: &random))
    }
    self.layers = Chain(layers)
    output = Dense(
      "output", inputs: shape.hidden, outputs: shape.classes, hasBias: true, random: &random, isDrawn: seed != nil)
  }

  package var parameters: [Parameter] { layers.parameters + output.parameters }

  package func start(at shares: [Double]) { output.start(at: shares) }

  package func restart(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    layers.restart(&random)
  }

  /// Returns logits [clips, classes], valid until the next call. Without `isTraining` a row's logits depend on the row
  /// alone.
  ///
  /// - Parameter input: [clips, columns]; must be there until `backward`.
  package func forward(_ input: Matrix, isTraining: Bool) -> Matrix {
    output.forward(layers.forward(input, isTraining: isTraining), isTraining: isTraining)
  }

  package func backward(_ gradient: Matrix) { _ = layers.backward(output.backward(gradient)) }
}
