package import Numerics
package import Vocabulary

/// One differentiable step of a network on matrices [clips, features], with the parameters that belong to it.
///
/// A layer owns what it returns; it is valid until the layer's next call of the same function. `backward` belongs to the
/// latest training `forward`, whose input must still be there; that input and the gradient it is given must be left alone
/// until the optimiser's step (`Gradient`).
package protocol Layer: AnyObject {
  /// Trained and measured ones, in a fixed order.
  var parameters: [Parameter] { get }

  /// - Parameter isTraining: batch statistics and dropout; otherwise every row's output depends on that row alone.
  func forward(_ input: Matrix, isTraining: Bool) -> Matrix

  /// Sets the parameters' gradients and returns the loss's gradient for the input.
  ///
  /// - Parameter gradient: the loss's gradient for the output.
  func backward(_ gradient: Matrix) -> Matrix

  /// Makes what the layer draws in training follow from the generator alone, whatever it drew before.
  func restart(_ random: inout SplitMix64)
}

extension Layer {
  /// Most layers draw nothing.
  package func restart(_ random: inout SplitMix64) {}
}

/// Layers one after another.
package final class Chain: Layer {
  private let layers: [any Layer]

  package init(_ layers: [any Layer]) { self.layers = layers }

  package var parameters: [Parameter] { layers.flatMap(\.parameters) }

  package func forward(_ input: Matrix, isTraining: Bool) -> Matrix {
    layers.reduce(input) { $1.forward($0, isTraining: isTraining) }
  }

  package func backward(_ gradient: Matrix) -> Matrix { layers.reversed().reduce(gradient) { $1.backward($0) } }

  package func restart(_ random: inout SplitMix64) { for layer in layers { layer.restart(&random) } }

  /// A dense layer, batch norm and rectifier, as all of the reference solution's networks have them.
  static func block(
    _ name: String, _ inputs: Int, _ outputs: Int, momentum: Float, _ random: inout SplitMix64, isDrawn: Bool
  ) -> [any Layer] {
    [
      Dense(name, inputs: inputs, outputs: outputs, hasBias: false, random: &random, isDrawn: isDrawn),
      BatchNorm("\(name).norm", features: outputs, momentum: momentum), Rectifier(),
    ]
  }
}
