package import Numerics

/// A first-level network: from clips to the logits of their classes.
package protocol Network: AnyObject {
  /// Everything that makes the network what it is, in a fixed order; what weights files hold.
  var parameters: [Parameter] { get }

  /// Returns logits [clips, classes], valid until the next call.
  func forward(_ batch: FeatureBatch, isTraining: Bool) -> Matrix

  /// Sets the parameters' gradients for the latest training `forward`.
  ///
  /// - Parameter gradient: the loss's gradient for the logits.
  func backward(_ gradient: Matrix)
}
