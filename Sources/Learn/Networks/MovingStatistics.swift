internal import Numerics

/// The mean and variance of each feature as a batch norm uses them: those of the batch in training, moving averages of
/// them afterwards.
///
/// Keras starts its moving averages at 0 and 1 and needs hundreds of steps to forget that. Here they are averages of what
/// was seen, from the first step on: after t steps, what a plain average gives as long as 1/t exceeds 1 - momentum.
final class MovingStatistics {
  let mean: Parameter
  /// Biased, as Keras keeps it for inputs that are no images.
  let variance: Parameter
  /// How many batches have been seen; [1].
  let steps: Parameter
  let momentum: Float

  init(_ name: String, features: Int, momentum: Float) {
    mean = Parameter("\(name).mean", shape: [features], isTrained: false)
    variance = Parameter("\(name).variance", shape: [features], initial: 1, isTrained: false)
    steps = Parameter("\(name).steps", shape: [1], isTrained: false)
    self.momentum = momentum
  }

  var parameters: [Parameter] { [mean, variance, steps] }

  /// Takes in a batch's statistics, [1, features] each.
  func observe(mean batchMean: Matrix, variance batchVariance: Matrix) {
    // Float counts exactly to 2^24, and the weight has long stopped changing by then.
    let seen = min(steps.value.start[0] + 1, 0x1p24)
    steps.value.start[0] = seen
    let weight = max(1 / seen, 1 - momentum)
    Self.move(mean.value, to: batchMean, by: weight)
    Self.move(variance.value, to: batchVariance, by: weight)
  }

  private static func move(_ average: Matrix, to latest: Matrix, by weight: Float) {
    let (average, latest, count) = (average.start, latest.start, average.count)
    for index in 0..<count { average[index] += (latest[index] - average[index]) * weight }
  }
}
