package import Vocabulary

/// The network that needs no download: made here, byte for byte the same on every machine.
///
/// It sees a whole clip at once: what stays is the background, what differs from it by more than the clip's own noise is
/// the moving region, and the features tell of its size, place, shape, gait, colour and texture.
package enum BuiltinMotion {
  package static let name = "builtin/motion"
  package static let sampling = Sampling(rateNumerator: 2, frames: MotionGraph.frames, side: MotionGraph.side)

  package static let taps = made.taps.map { Tap(name: $0.name, width: $0.width) }

  /// ONNX bytes.
  package static let network = made.bytes

  /// Its manifest, as it were.
  package static let backbone = Backbone(
    name: name, model: Digest(of: network), sampling: sampling, taps: taps, licence: "MIT",
    origin: "made by Primatrix, no weights")

  private static let made = MotionGraph.build()
}
