package import Numerics

extension NormalisedAttention {
  /// Sets the parameters' gradients; there is none for the features.
  ///
  /// With y = gamma xhat + beta a normalised frame, z = w . y + b before the tanh, a the weights and the output sum of a y:
  /// da = dy . y; dz = a (da - sum of a da) (1 - tanh^2); dw, dgamma and dbeta as `NormalisedFeatures` has them.
  ///
  /// - Parameter gradient: the loss's gradient for the output, [clips, width].
  package func backward(_ gradient: Matrix) {
    guard let batch, let weightGradient = weight.gradient, let biasGradient = bias.gradient
    else { preconditionFailure("backward belongs to a training forward") }
    norm.clearGradients()
    weightGradient.fill(0)
    biasGradient.fill(0)
    let zGradient = Matrix(rows: 1, columns: batch.frames)
    for clip in 0..<batch.clips {
      let (dy, dz) = (gradient.row(clip), zGradient.start)
      let offset = norm.aim(dy)
      norm.score(batch.clip(clip), frames: batch.frames, dz)
      findGradient(ofZ: dz, clip: clip, offset: offset, frames: batch.frames)
      norm.addGradients(dy, average: average.row(clip), total: total(clip))
      Vectors.add(dz, to: biasGradient.start, count: batch.frames)
      batch.addFrames(of: clip, factors: dz, to: weightGradient.start)
    }
    norm.finish(weightGradient.start, of: weight.value.start, total: biasGradient.values.reduce(0, +))
  }

  /// Turns dy . y less `offset` into dz.
  private func findGradient(ofZ dz: UnsafeMutablePointer<Float>, clip: Int, offset: Float, frames: Int) {
    let (activation, share) = (activation.row(clip), share.row(clip))
    var expected: Float = 0
    for frame in 0..<frames {
      dz[frame] += offset
      expected += share[frame] * dz[frame]
    }
    for frame in 0..<frames {
      dz[frame] = share[frame] * (dz[frame] - expected) * (1 - activation[frame] * activation[frame])
    }
  }
}
