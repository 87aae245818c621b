package import Numerics

/// What a network reads of some clips.
package final class FeatureBatch {
  /// Sampled frames of each clip; at least 1.
  package let frames: Int
  /// Backbone features, [clips * frames, width], the frames of a clip in order.
  package let features: Matrix
  /// Standardised metadata, [clips, width]; the width may be 0.
  package let metadata: Matrix

  package init(clips: Int, frames: Int, width: Int, metadata: Int) {
    precondition(frames > 0 && width > 0, "a clip has frames and features")
    self.frames = frames
    features = Matrix(rows: clips * frames, columns: width)
    self.metadata = Matrix(rows: clips, columns: metadata)
  }

  package var clips: Int { metadata.rows }

  /// Room for another number of clips; what it held is undefined.
  package func reshape(clips: Int) {
    features.reshape(rows: clips * frames, columns: features.columns)
    metadata.reshape(rows: clips, columns: metadata.columns)
  }

  /// The features of one clip, [frames, width].
  package func clip(_ index: Int) -> UnsafeMutablePointer<Float> { features.row(index * frames) }

  /// Columns are worked on in blocks whose running sums stay in the first-level cache.
  static func forEachBlock(of columns: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
    for first in stride(from: 0, to: columns, by: 1024) { body(first, min(1024, columns - first)) }
  }
}
