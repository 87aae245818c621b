package import Numerics

/// What weights files hold, and what an optimiser trains.
package protocol Trainable: AnyObject {
  /// Everything that makes the network what it is, in a fixed order.
  var parameters: [Parameter] { get }

  /// Makes the network answer `shares` for every clip, until it has learned better.
  ///
  /// - Parameter shares: of the classes among the training clips, in (0, 1).
  func start(at shares: [Double])

  /// Sets the parameters' gradients for the latest training `forward`.
  ///
  /// - Parameter gradient: the loss's gradient for the logits.
  func backward(_ gradient: Matrix)

  /// Makes dropout follow from the seed alone, whatever was drawn before: training that is taken up at an epoch's begin
  /// then draws what it would have drawn.
  func restart(seed: UInt64)
}

/// A first-level network: from clips to the logits of their classes.
package protocol Network: Trainable {
  /// Returns logits [clips, classes], valid until the next call. Without `isTraining` a clip's logits depend on the clip
  /// alone.
  func forward(_ batch: FeatureBatch, isTraining: Bool) -> Matrix
}
