internal import Foundation
package import Numerics
package import Vocabulary

/// Batch normalisation of the features, then attention over time: a clip becomes the average of its normalised frames,
/// weighted by exp(tanh(w . frame + b of its time)).
///
/// Both in one, because the features are constants: no gradient is wanted below the batch norm, so the normalised frames
/// are never written down. With v = w gamma / deviation the weights come from the raw frames, and every gradient
/// follows from two sums over them (`NormalisedAttention+Backward`).
package final class NormalisedAttention {
  /// Keras's, added to the sum of the weights.
  static let epsilon: Float = 1e-7

  package let gamma: Parameter
  package let beta: Parameter
  /// [width] and [frames].
  package let weight: Parameter
  package let bias: Parameter
  let moving: MovingStatistics
  let statistics: FeatureStatistics
  /// What the latest forward normalised with, [1, width]: the mean and 1 / sqrt(variance + epsilon).
  let mean: Matrix
  let scale: Matrix
  /// [1, width]: v above.
  let direction: Matrix
  /// [clips, frames]: tanh, and the weights.
  let activation = Matrix(rows: 0, columns: 0)
  let share = Matrix(rows: 0, columns: 0)
  /// [clips, width]: the weighted average of the raw frames less the mean, times scale.
  let average = Matrix(rows: 0, columns: 0)
  private let output = Matrix(rows: 0, columns: 0)
  var batch: FeatureBatch?

  package init(_ name: String, frames: Int, width: Int, momentum: Float, random: inout SplitMix64) {
    gamma = Parameter("\(name).gamma", shape: [width], initial: 1)
    beta = Parameter("\(name).beta", shape: [width])
    weight = Parameter("\(name).weight", shape: [width])
    weight.drawGlorot(fanIn: width, fanOut: width, &random)
    bias = Parameter("\(name).bias", shape: [frames])
    moving = MovingStatistics(name, features: width, momentum: momentum)
    statistics = FeatureStatistics(width: width)
    mean = Matrix(rows: 1, columns: width)
    scale = Matrix(rows: 1, columns: width)
    direction = Matrix(rows: 1, columns: width)
  }

  package var parameters: [Parameter] { [gamma, beta, weight, bias] + moving.parameters }

  /// The sum of a clip's weights: 1 but for epsilon.
  func total(_ clip: Int) -> Float {
    var sum: Float = 0
    for frame in 0..<share.columns { sum += share.row(clip)[frame] }
    return sum
  }

  /// Returns [clips, width].
  package func forward(_ batch: FeatureBatch, isTraining: Bool) -> Matrix {
    self.batch = isTraining ? batch : nil
    chooseStatistics(batch, isTraining: isTraining)
    let width = batch.features.columns
    activation.reshape(rows: batch.clips, columns: batch.frames)
    share.reshape(rows: batch.clips, columns: batch.frames)
    average.reshape(rows: batch.clips, columns: width)
    output.reshape(rows: batch.clips, columns: width)
    let offset = aim()
    for clip in 0..<batch.clips {
      weigh(clip, of: batch, offset: offset)
      collect(clip, of: batch)
    }
    return output
  }

  private func chooseStatistics(_ batch: FeatureBatch, isTraining: Bool) {
    let (sourceMean, variance): (Matrix, Matrix)
    if isTraining {
      statistics.measure(batch)
      moving.observe(mean: statistics.mean, variance: statistics.variance)
      (sourceMean, variance) = (statistics.mean, statistics.variance)
    } else {
      (sourceMean, variance) = (moving.mean.value, moving.variance.value)
    }
    mean.copy(sourceMean)
    let (scale, source) = (scale.start, variance.start)
    for index in 0..<mean.columns { scale[index] = 1 / (source[index] + BatchNorm.epsilon).squareRoot() }
  }

  /// Sets `direction`; returns what w . normalised frame has besides direction . raw frame.
  private func aim() -> Float {
    let (v, w, gamma, scale) = (direction.start, weight.value.start, gamma.value.start, scale.start)
    for index in 0..<direction.columns { v[index] = w[index] * gamma[index] * scale[index] }
    return Vectors.dot(w, beta.value.start, count: direction.columns)
      - Vectors.dot(v, mean.start, count: direction.columns)
  }

  private func weigh(_ clip: Int, of batch: FeatureBatch, offset: Float) {
    let (x, width) = (batch.clip(clip), batch.features.columns)
    let (activation, share, bias) = (activation.row(clip), share.row(clip), bias.value.start)
    var sum: Float = 0
    for frame in 0..<batch.frames {
      let product = Vectors.dot(x + frame * width, direction.start, count: width)
      activation[frame] = tanh(product + offset + bias[frame])
      share[frame] = exp(activation[frame])
      sum += share[frame]
    }
    for frame in 0..<batch.frames { share[frame] /= sum + Self.epsilon }
  }

  private func collect(_ clip: Int, of batch: FeatureBatch) {
    let (x, width, share, total) = (batch.clip(clip), batch.features.columns, share.row(clip), total(clip))
    FeatureBatch.forEachBlock(of: width) { first, count in
      let (c, y) = (average.row(clip) + first, output.row(clip) + first)
      let (mean, scale) = (mean.start + first, scale.start + first)
      let (gamma, beta) = (gamma.value.start + first, beta.value.start + first)
      c.update(repeating: 0, count: count)
      for frame in 0..<batch.frames { Vectors.add(share[frame], times: x + frame * width + first, to: c, count: count) }
      for index in 0..<count {
        c[index] = (c[index] - mean[index] * total) * scale[index]
        y[index] = gamma[index] * c[index] + beta[index] * total
      }
    }
  }
}
