internal import Numerics

/// Mean and variance of each feature over all frames of all clips of a batch.
struct FeatureStatistics {
  /// [1, width]
  let mean: Matrix
  /// [1, width], biased.
  let variance: Matrix
  private let sum: Matrix
  private let square: Matrix

  init(width: Int) {
    mean = Matrix(rows: 1, columns: width)
    variance = Matrix(rows: 1, columns: width)
    sum = Matrix(rows: 1, columns: width)
    square = Matrix(rows: 1, columns: width)
  }

  /// One pass, with distances from the first frame, so that a large mean costs no digits; each clip is summed on its own
  /// first, so that many clips do not either.
  func measure(_ batch: FeatureBatch) {
    let width = batch.features.columns
    let first = batch.features.start
    mean.fill(0)
    variance.fill(0)
    for clip in 0..<batch.clips {
      FeatureBatch.forEachBlock(of: width) { start, count in
        add(batch.clip(clip) + start, frames: batch.frames, stride: width, from: first + start, at: start, count: count)
      }
    }
    let share = 1 / Float(batch.features.rows)
    let (mean, variance) = (mean.start, variance.start)
    for index in 0..<width {
      let distance = mean[index] * share
      variance[index] = max(variance[index] * share - distance * distance, 0)
      mean[index] = first[index] + distance
    }
  }

  private func add(
    _ x: UnsafePointer<Float>, frames: Int, stride: Int, from origin: UnsafePointer<Float>, at start: Int, count: Int
  ) {
    let (sum, square) = (sum.start + start, square.start + start)
    sum.update(repeating: 0, count: count)
    square.update(repeating: 0, count: count)
    for frame in 0..<frames {
      let x = x + frame * stride
      for index in 0..<count {
        let distance = x[index] - origin[index]
        sum[index] += distance
        square[index] += distance * distance
      }
    }
    Vectors.add(sum, to: mean.start + start, count: count)
    Vectors.add(square, to: variance.start + start, count: count)
  }
}
