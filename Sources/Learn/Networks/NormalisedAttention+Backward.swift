package import Numerics

extension NormalisedAttention {
  /// Sets the parameters' gradients; there is none for the features.
  ///
  /// With z = w . (gamma xhat + beta) + b before the tanh, a the weights and y = sum of a (gamma xhat + beta):
  /// da = dy . (gamma xhat + beta); dz = a (da - sum of a da) (1 - tanh^2). With D = sum of dz and g = sum of dz xhat over
  /// all frames, dw = gamma g + beta D, dgamma = w g + sum of dy (sum of a xhat), dbeta = w D + sum of dy (sum of a).
  ///
  /// - Parameter gradient: the loss's gradient for the output, [clips, width].
  package func backward(_ gradient: Matrix) {
    guard let batch, let gammaGradient = gamma.gradient, let betaGradient = beta.gradient,
      let weightGradient = weight.gradient, let biasGradient = bias.gradient
    else { preconditionFailure("backward belongs to a training forward") }
    let width = batch.features.columns
    for matrix in [gammaGradient, betaGradient, weightGradient, biasGradient] { matrix.fill(0) }
    let zGradient = Matrix(rows: batch.clips, columns: batch.frames)
    let pull = Matrix(rows: 1, columns: width)
    for clip in 0..<batch.clips {
      findGradient(ofZ: zGradient.row(clip), clip: clip, batch, gradient, pull)
      let dy = gradient.row(clip)
      Vectors.add(dy, times: average.row(clip), to: gammaGradient.start, count: width)
      Vectors.add(total(clip), times: dy, to: betaGradient.start, count: width)
      Vectors.add(zGradient.row(clip), to: biasGradient.start, count: batch.frames)
      FeatureBatch.forEachBlock(of: width) { first, count in
        for frame in 0..<batch.frames {
          Vectors.add(
            zGradient.row(clip)[frame], times: batch.clip(clip) + frame * width + first,
            to: weightGradient.start + first, count: count)
        }
      }
    }
    finish(sum: biasGradient, weightGradient.start, gammaGradient.start, betaGradient.start)
  }

  private func findGradient(
    ofZ dz: UnsafeMutablePointer<Float>, clip: Int, _ batch: FeatureBatch, _ gradient: Matrix, _ pull: Matrix
  ) {
    let (x, width, dy) = (batch.clip(clip), batch.features.columns, gradient.row(clip))
    let (u, gamma, scale) = (pull.start, gamma.value.start, scale.start)
    for index in 0..<width { u[index] = dy[index] * gamma[index] * scale[index] }
    let offset = Vectors.dot(dy, beta.value.start, count: width) - Vectors.dot(u, mean.start, count: width)
    let (activation, share) = (activation.row(clip), share.row(clip))
    var expected: Float = 0
    for frame in 0..<batch.frames {
      dz[frame] = Vectors.dot(x + frame * width, u, count: width) + offset
      expected += share[frame] * dz[frame]
    }
    for frame in 0..<batch.frames {
      dz[frame] = share[frame] * (dz[frame] - expected) * (1 - activation[frame] * activation[frame])
    }
  }

  /// Turns the sum of dz times the raw frames, which `weightGradient` holds so far, into the gradients it is part of.
  private func finish(
    sum biasGradient: Matrix, _ weightGradient: UnsafeMutablePointer<Float>,
    _ gammaGradient: UnsafeMutablePointer<Float>, _ betaGradient: UnsafeMutablePointer<Float>
  ) {
    let total = biasGradient.values.reduce(0, +)
    let (mean, scale, w) = (mean.start, scale.start, weight.value.start)
    let (gamma, beta) = (gamma.value.start, beta.value.start)
    for index in 0..<self.mean.columns {
      let g = (weightGradient[index] - mean[index] * total) * scale[index]
      weightGradient[index] = gamma[index] * g + beta[index] * total
      gammaGradient[index] += w[index] * g
      betaGradient[index] += w[index] * total
    }
  }
}
