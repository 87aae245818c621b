internal import Numerics

/// What one pass over a batch's features finds out: their mean and variance over all frames of all clips, and how far each
/// moves within a clip. One pass, because a batch is more than the caches hold.
struct FeatureStatistics {
  /// [1, width]
  let mean: Matrix
  /// [1, width], biased.
  let variance: Matrix
  /// [clips, width]: the maximum over a clip's frames less the minimum.
  let range = Matrix(rows: 0, columns: 0)
  private let sum: Matrix
  private let square: Matrix
  private let low: Matrix

  init(width: Int) {
    mean = Matrix(rows: 1, columns: width)
    variance = Matrix(rows: 1, columns: width)
    sum = Matrix(rows: 1, columns: width)
    square = Matrix(rows: 1, columns: width)
    low = Matrix(rows: 1, columns: width)
  }

  /// With distances from the first frame, so that a large mean costs no digits; each clip is summed on its own first, so
  /// that many clips do not either.
  func measure(_ batch: FeatureBatch) {
    let (width, first) = (batch.features.columns, batch.features.start)
    let (mean, variance) = (mean.start, variance.start)
    mean.update(repeating: 0, count: width)
    variance.update(repeating: 0, count: width)
    makeRoom(for: batch)
    for clip in 0..<batch.clips { measure(clip, of: batch, from: first) }
    let share = 1 / Float(batch.features.rows)
    for index in 0..<width {
      let distance = mean[index] * share
      variance[index] = max(variance[index] * share - distance * distance, 0)
      mean[index] = first[index] + distance
    }
  }

  private func measure(_ clip: Int, of batch: FeatureBatch, from first: UnsafePointer<Float>) {
    let (mean, variance, sum, square) = (mean.start, variance.start, sum.start, square.start)
    forEachBlock(of: batch, clip: clip) { x, at, count, high, low in
      sum.update(repeating: 0, count: count)
      square.update(repeating: 0, count: count)
      Vectors.summarise(
        x, rows: batch.frames, distance: batch.features.columns, origin: first + at, sum: sum, square: square,
        high: high, low: low,
        count: count)
      Vectors.add(sum, to: mean + at, count: count)
      Vectors.add(square, to: variance + at, count: count)
    }
  }

  /// Before the range of a batch's clips is measured one by one.
  func makeRoom(for batch: FeatureBatch) { range.reshape(rows: batch.clips, columns: batch.features.columns) }

  /// The range alone; a clip's depends on the clip alone.
  func measureRange(of clip: Int, in batch: FeatureBatch) {
    forEachBlock(of: batch, clip: clip) { x, _, count, high, low in
      Vectors.widenBounds(x, rows: batch.frames, distance: batch.features.columns, high: high, low: low, count: count)
    }
  }

  /// Calls `body` for blocks of a clip's columns, with room for their greatest and least values that holds the first
  /// frame's, and makes a range of both.
  private func forEachBlock(
    of batch: FeatureBatch, clip: Int,
    _ body: (
      _ x: UnsafePointer<Float>, _ first: Int, _ count: Int, _ high: UnsafeMutablePointer<Float>,
      _ low: UnsafeMutablePointer<Float>
    ) -> Void
  ) {
    let low = low.start
    FeatureBatch.forEachBlock(of: range.columns) { first, count in
      let (x, high) = (batch.clip(clip) + first, range.row(clip) + first)
      high.update(from: x, count: count)
      low.update(from: x, count: count)
      body(x, first, count, high, low)
      for index in 0..<count { high[index] -= low[index] }
    }
  }
}
