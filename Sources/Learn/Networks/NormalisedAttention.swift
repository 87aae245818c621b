internal import Foundation
package import Numerics
package import Vocabulary

/// Batch normalisation of the features, then attention over time: a clip becomes the average of its normalised frames,
/// weighted by exp(tanh(w . frame + b of its time)).
///
/// Both in one: see `NormalisedFeatures`. Every gradient follows from two sums over the raw frames
/// (`NormalisedAttention+Backward`).
package final class NormalisedAttention {
  /// Keras's, added to the sum of the weights.
  static let epsilon: Float = 1e-7

  /// [width] and [frames].
  package let weight: Parameter
  package let bias: Parameter
  let norm: NormalisedFeatures
  /// [clips, frames]: tanh, and the weights.
  let activation = Matrix(rows: 0, columns: 0)
  let share = Matrix(rows: 0, columns: 0)
  /// [clips, width]: the weighted average of the raw frames less the mean, times scale.
  let average = Matrix(rows: 0, columns: 0)
  private let output = Matrix(rows: 0, columns: 0)
  var batch: FeatureBatch?

  package init(_ name: String, frames: Int, width: Int, momentum: Float, random: inout SplitMix64) {
    norm = NormalisedFeatures(name, width: width, momentum: momentum)
    weight = Parameter("\(name).weight", shape: [width])
    weight.drawGlorot(fanIn: width, fanOut: width, &random)
    bias = Parameter("\(name).bias", shape: [frames])
  }

  package var gamma: Parameter { norm.gamma }
  package var beta: Parameter { norm.beta }
  package var parameters: [Parameter] { [gamma, beta, weight, bias] + norm.moving.parameters }

  /// The sum of a clip's weights: 1 but for epsilon.
  func total(_ clip: Int) -> Float {
    var sum: Float = 0
    for frame in 0..<share.columns { sum += share.row(clip)[frame] }
    return sum
  }

  /// Returns [clips, width], and has measured the features' range (`norm.range`).
  package func forward(_ batch: FeatureBatch, isTraining: Bool) -> Matrix {
    self.batch = isTraining ? batch : nil
    norm.observe(batch, isTraining: isTraining)
    let (width, frames) = (batch.features.columns, batch.frames)
    activation.reshape(rows: batch.clips, columns: frames)
    share.reshape(rows: batch.clips, columns: frames)
    average.reshape(rows: batch.clips, columns: width)
    output.reshape(rows: batch.clips, columns: width)
    let offset = norm.aim(weight.value.start)
    for clip in 0..<batch.clips {
      weigh(clip, of: batch, offset: offset)
      if !isTraining { norm.measureRange(of: clip, in: batch) }
      norm.average(
        batch.clip(clip), frames: frames, shares: share.row(clip), total: total(clip), average.row(clip),
        output.row(clip))
    }
    return output
  }

  private func weigh(_ clip: Int, of batch: FeatureBatch, offset: Float) {
    let (activation, share, bias) = (activation.row(clip), share.row(clip), bias.value.start)
    norm.score(batch.clip(clip), frames: batch.frames, activation)
    var sum: Float = 0
    for frame in 0..<batch.frames {
      activation[frame] = tanh(activation[frame] + offset + bias[frame])
      share[frame] = exp(activation[frame])
      sum += share[frame]
    }
    for frame in 0..<batch.frames { share[frame] /= sum + Self.epsilon }
  }
}
