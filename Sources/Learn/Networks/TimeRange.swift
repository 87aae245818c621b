package import Numerics

/// How far each feature moves within a clip: its maximum over time less its minimum. No parameters, and nothing below it
/// is trained, so it has no gradient.
package final class TimeRange {
  private let output = Matrix(rows: 0, columns: 0)
  private let lowest = Matrix(rows: 1, columns: 0)

  package init() {}

  /// Returns [clips, width].
  package func forward(_ batch: FeatureBatch) -> Matrix {
    let width = batch.features.columns
    output.reshape(rows: batch.clips, columns: width)
    lowest.reshape(rows: 1, columns: width)
    for clip in 0..<batch.clips {
      let x = batch.clip(clip)
      FeatureBatch.forEachBlock(of: width) { first, count in
        let (high, low) = (output.row(clip) + first, lowest.start + first)
        high.update(from: x + first, count: count)
        low.update(from: x + first, count: count)
        for frame in 1..<max(batch.frames, 1) {
          Vectors.raise(high, to: x + frame * width + first, count: count)
          Vectors.lower(low, to: x + frame * width + first, count: count)
        }
        for index in 0..<count { high[index] -= low[index] }
      }
    }
    return output
  }
}
