package import Numerics
package import TensorFiles

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

  /// Fills columns of a clip's frames, from `column` on, with what a shard holds of it: one backbone's features go beside
  /// another's without a copy between.
  ///
  /// - Parameter tensor: float16, [frames, own width].
  package func take(_ tensor: Tensor, clip: Int, column: Int) {
    precondition(
      tensor.type == .float16 && tensor.shape.count == 2 && tensor.shape[0] == frames && column >= 0
        && column + tensor.shape[1] <= features.columns, "\(tensor.name): features of another shape")
    let (target, width) = (self.clip(clip) + column, tensor.shape[1])
    tensor.withUnsafeBytes { bytes in
      guard let halves = bytes.baseAddress else { return }
      for frame in 0..<frames {
        Vectors.widen(halves + frame * width * 2, to: target + frame * features.columns, count: width)
      }
    }
  }

  /// Adds a clip's frames times `factors` to `sums`, [width].
  func addFrames(of clip: Int, factors: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Float>) {
    let (width, x) = (features.columns, self.clip(clip))
    Self.forEachBlock(of: width) { first, count in
      Vectors.sum(
        x + first, rows: frames, distance: width, factors: factors, to: sums + first, count: count, adding: true)
    }
  }

  /// Columns are worked on in blocks whose running sums stay in the first-level cache.
  static func forEachBlock(of columns: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
    for first in stride(from: 0, to: columns, by: 1024) { body(first, min(1024, columns - first)) }
  }
}
