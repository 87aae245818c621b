package import Numerics

extension SequenceAttention {
  /// Sets the weight's gradient, adds to those of the features' gamma and beta, and returns the sequences' gradients,
  /// [clips * frames, own width] each.
  ///
  /// With m a moment, a its share and the output the sum of a m: da = dy . m; dz = a (da - sum of a da);
  /// dm = a dy + dz w; dw = sum of dz m. The sum of dz over a clip is 0.
  ///
  /// - Parameter gradient: the loss's gradient for the output, [clips, all widths].
  package func backward(_ gradient: Matrix) -> [Matrix] {
    guard let batch, let weightGradient = weight.gradient else {
      preconditionFailure("backward belongs to a training forward")
    }
    weightGradient.fill(0)
    for (sequence, own) in zip(sequences, sequenceGradients) {
      own.reshape(rows: sequence.rows, columns: sequence.columns)
    }
    let zGradient = Matrix(rows: 1, columns: batch.frames)
    for clip in 0..<batch.clips {
      let (dy, dz, shares) = (gradient.row(clip), zGradient.start, share.row(clip))
      let offset = norm.aim(dy + first)
      norm.score(batch.clip(clip), frames: batch.frames, dz)
      addScores(of: sequences, clip: clip, frames: batch.frames, along: dy, to: dz)
      var expected: Float = 0
      for frame in 0..<batch.frames {
        dz[frame] += offset
        expected += shares[frame] * dz[frame]
      }
      for frame in 0..<batch.frames { dz[frame] = shares[frame] * (dz[frame] - expected) }
      passBack(clip, dy, dz, frames: batch.frames, weightGradient.start)
      norm.addGradients(dy + first, average: average.row(clip), total: 1)
      batch.addFrames(of: clip, factors: dz, to: weightGradient.start + first)
    }
    norm.finish(weightGradient.start + first, of: weight.value.start + first, total: 0)
    return sequenceGradients
  }

  /// The part of the sequences: writes their gradients, and adds to w's.
  private func passBack(
    _ clip: Int, _ dy: UnsafePointer<Float>, _ dz: UnsafePointer<Float>, frames: Int,
    _ weightGradient: UnsafeMutablePointer<Float>
  ) {
    let (shares, w) = (share.row(clip), weight.value.start)
    var start = 0
    for (sequence, own) in zip(sequences, sequenceGradients) {
      let width = sequence.columns
      Vectors.sum(
        sequence.row(clip * frames), rows: frames, distance: width, factors: dz, to: weightGradient + start,
        count: width, adding: true)
      for frame in 0..<frames {
        let (target, share, slope) = (own.row(clip * frames + frame), shares[frame], dz[frame])
        let (dy, w) = (dy + start, w + start)
        for index in 0..<width { target[index] = share * dy[index] + slope * w[index] }
      }
      start += width
    }
  }
}
