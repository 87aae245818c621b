package import Numerics

/// How far each feature moves within a clip: its maximum over time less its minimum. No parameters, and nothing below it
/// is trained, so it has no gradient.
package final class TimeRange {
  private let output = Matrix(rows: 0, columns: 0)

  package init() {}

  /// Returns [clips, width].
  package func forward(_ batch: FeatureBatch) -> Matrix {
    let width = batch.features.columns
    output.reshape(rows: batch.clips, columns: width)
    for clip in 0..<batch.clips {
      Vectors.range(batch.clip(clip), rows: batch.frames, distance: width, to: output.row(clip), count: width)
    }
    return output
  }
}
