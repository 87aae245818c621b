package import Numerics
package import Vocabulary

/// The first map of a recurrent model: batch normalisation of the features, dropout, then p = y W + b for every frame.
///
/// A dropped value becomes its feature's mean: dropout acts on xhat = (x - mean) d, before gamma and beta. (After them it
/// would become 0 and not beta; the two are the same while beta is 0, and beta W is a constant for the units either way.)
/// Then, with u the dropped xhat, p = u (gamma W) + (beta W + b), and one product over all frames, G = u^T dp, gives every
/// gradient, s being the column sums of dp:
///
///     dW = gamma G + beta s    dgamma_j = W_j . G_j    dbeta_j = W_j . s    db = s
///
/// so that neither dp W^T, as large as the product itself, nor a normalised copy without dropout is ever computed.
package final class NormalisedProjection {
  /// W [width, outputs] and b [outputs].
  package let weight: Parameter
  package let bias: Parameter
  private let norm: NormalisedFeatures
  private let dropout: DropoutMask
  /// u of the latest training `forward`, [clips * frames, width].
  private let input = Matrix(rows: 0, columns: 0)
  /// [width, outputs] and [1, outputs]: what the input is multiplied with, and what is added.
  private let map: Matrix
  private let offset: Matrix
  private let output = Matrix(rows: 0, columns: 0)

  /// - Parameter isDrawn: otherwise the weights are zeros, for others that take their place at once.
  package init(
    _ name: String, outputs: Int, norm: NormalisedFeatures, dropout share: Float, random: inout SplitMix64,
    isDrawn: Bool = true
  ) {
    self.norm = norm
    weight = Parameter("\(name).weight", shape: [norm.width, outputs])
    if isDrawn { weight.drawGlorot(fanIn: norm.width, fanOut: outputs, &random) }
    bias = Parameter("\(name).bias", shape: [outputs])
    dropout = DropoutMask(share, random: &random)
    map = Matrix(rows: norm.width, columns: outputs)
    offset = Matrix(rows: 1, columns: outputs)
  }

  package var parameters: [Parameter] { [weight, bias] }

  package func restart(_ random: inout SplitMix64) { dropout.restart(&random) }

  /// Returns [clips * frames, outputs]; the caller may overwrite it. `norm` must have observed the batch.
  package func forward(_ batch: FeatureBatch, isTraining: Bool) -> Matrix {
    prepareMap(ofRaw: !isTraining)
    output.reshape(rows: batch.features.rows, columns: map.columns)
    if isTraining {
      drop(batch.features)
      output.multiply(input.plain, map.plain)
    } else {
      output.multiplyIndependently(batch.features, map)
    }
    for row in 0..<output.rows { Vectors.add(offset.start, to: output.row(row), count: output.columns) }
    return output
  }

  /// Sets the parameters' gradients, and adds to those of the features' gamma and beta.
  ///
  /// - Parameter gradient: the loss's gradient for the output.
  package func backward(_ gradient: Matrix) {
    guard let product = weight.gradient, let sums = bias.gradient, let gammaGradient = norm.gamma.gradient?.start,
      let betaGradient = norm.beta.gradient?.start
    else { preconditionFailure("trained parameters have gradients") }
    sums.fill(0)
    for row in 0..<gradient.rows { Vectors.add(gradient.row(row), to: sums.start, count: sums.columns) }
    product.multiply(input.transposed, gradient.plain)
    let (s, outputs) = (sums.start, sums.columns)
    for feature in 0..<norm.width {
      let (w, g) = (weight.value.row(feature), product.row(feature))
      let (gamma, beta) = (norm.gamma.value.start[feature], norm.beta.value.start[feature])
      gammaGradient[feature] += Vectors.dot(w, g, count: outputs)
      betaGradient[feature] += Vectors.dot(w, s, count: outputs)
      for index in 0..<outputs { g[index] = gamma * g[index] + beta * s[index] }
    }
  }

  /// For u the map is gamma W, for raw frames gamma d W; the offset is what is left of p.
  private func prepareMap(ofRaw isRaw: Bool) {
    offset.copy(bias.value)
    let (offset, outputs) = (offset.start, offset.columns)
    for feature in 0..<norm.width {
      let (w, target) = (weight.value.row(feature), map.row(feature))
      let factor = norm.gamma.value.start[feature] * (isRaw ? norm.scale.start[feature] : 1)
      let rest = norm.beta.value.start[feature] - (isRaw ? factor * norm.mean.start[feature] : 0)
      for index in 0..<outputs {
        target[index] = factor * w[index]
        offset[index] += rest * w[index]
      }
    }
  }

  private func drop(_ features: Matrix) {
    input.reshape(rows: features.rows, columns: features.columns)
    let (mean, scale, width) = (norm.mean.start, norm.scale.start, norm.width)
    for row in 0..<features.rows {
      let (x, u) = (features.row(row), input.row(row))
      dropout.draw(u, count: width)
      for index in 0..<width { u[index] *= (x[index] - mean[index]) * scale[index] }
    }
  }
}
