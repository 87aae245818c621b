package import Vocabulary

/// Probabilities of clips, as a file: `probabilities` float32 [n, classes], and `clips` uint8 [n, 32], their digests. Each
/// is a number in 0...1.
package struct ClipProbabilities: Sendable {
  package let clips: [ClipID]
  package let classes: Int
  /// [clips, classes], row by row.
  package let values: [Float]
  /// How many of the clips have the classes' shares, because nothing else could be said of them.
  package let priors: Int

  package init(clips: [ClipID], classes: Int, values: [Float], priors: Int = 0) {
    precondition(values.count == clips.count * classes, "each clip has a probability of each class")
    self.clips = clips
    self.classes = classes
    self.values = values
    self.priors = priors
  }

  private static let priorsKey = "priors"

  package subscript(row: Int) -> ArraySlice<Float> { values[row * classes..<(row + 1) * classes] }

  /// - Throws: `TensorFileError.damaged` when it is not of so many classes or not what was written.
  package init(_ path: BytePath, classes: Int) throws(TensorFileError) {
    let file = try TensorFile(mapping: path)
    let (values, digests) = (try file.intact("probabilities"), try file.intact("clips"))
    let count = digests.count / 32
    guard values.type == .float32, values.shape == [count, classes], digests.type == .uint8,
      digests.shape == [count, 32]
    else { throw .damaged(path, "its shapes are not those of probabilities of \(classes) classes") }
    let clips = digests.withUnsafeBytes { bytes in
      (0..<count).compactMap { Digest(bytes: Array(bytes[$0 * 32..<($0 + 1) * 32])).map { ClipID($0) } }
    }
    let floats = values.floats
    guard floats.allSatisfy({ $0 >= 0 && $0 <= 1 }) else { throw .damaged(path, "it holds what is no probability") }
    let priors = file.metadata[Self.priorsKey].flatMap { Int($0) } ?? 0
    self.init(clips: clips, classes: classes, values: floats, priors: priors)
  }

  package func write(to path: BytePath) throws(TensorFileError) {
    try TensorFile.write(
      [
        TensorData(name: "probabilities", float32: values, shape: [clips.count, classes]),
        TensorData(name: "clips", uint8: clips.flatMap(\.digest.bytes), shape: [clips.count, 32]),
      ], metadata: priors > 0 ? [Self.priorsKey: "\(priors)"] : [:], hasDigests: true, to: path)
  }
}
