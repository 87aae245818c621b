package import Numerics

/// One differentiable step of a network on matrices [clips, features], with the parameters that belong to it.
///
/// A layer owns what it returns; it is valid until the layer's next call of the same function. `backward` belongs to the
/// latest training `forward`, whose input must still be there.
package protocol Layer: AnyObject {
  /// Trained and measured ones, in a fixed order.
  var parameters: [Parameter] { get }

  /// - Parameter isTraining: batch statistics and dropout; otherwise every row's output depends on that row alone.
  func forward(_ input: Matrix, isTraining: Bool) -> Matrix

  /// Sets the parameters' gradients and returns the loss's gradient for the input.
  ///
  /// - Parameter gradient: the loss's gradient for the output.
  func backward(_ gradient: Matrix) -> Matrix
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
}
