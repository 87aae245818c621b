package import Vocabulary

/// Where a network's ONNX bytes are.
package enum NetworkSource: Sendable {
  case file(BytePath)
  /// Made by this program: the built-in network.
  case bytes([UInt8])
}

/// A compiled network, ready to see clips. One clip at a time: a clip's features never depend on what else was seen.
///
/// A network whose graph fixes its first dimension sees all frames of a clip at once; one whose first dimension is free
/// sees each frame alone, so a clip of any length needs the memory of one frame.
package protocol InferenceEngine {
  /// - Parameter frames: RGB bytes of one clip's sampled frames, uint8 [frames, side, side, 3], exactly
  ///   `Sampling.byteCount` of them.
  /// - Returns: float32 [frames, width], row-major, as the network gives them: what is not finite is a fact about the clip
  ///   or the network, for the caller to judge.
  /// - Throws: `InferenceError`.
  func features(of frames: UnsafeRawBufferPointer) throws -> [Float]

  /// The runtime that computes, with its version.
  var runtime: String { get }
}

/// Why a network cannot be used: what it is, what is wrong, and what to do.
package struct InferenceError: Error, CustomStringConvertible {
  package var description: String

  package init(_ description: String) { self.description = description }
}
