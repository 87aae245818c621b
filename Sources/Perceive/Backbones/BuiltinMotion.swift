package import Vocabulary

/// The network that needs no download: made here, byte for byte the same on every machine.
///
/// It sees a whole clip at once: what stays is the background, what differs from it by more than the clip's own noise is
/// the moving region, and the features tell of its size, place, shape, gait, colour and texture.
package enum BuiltinMotion {
  package static let name = "builtin/motion"
  package static let sampling = Sampling(rateNumerator: 2, frames: MotionGraph.frames, side: MotionGraph.side)

  package static var taps: [Tap] { MotionGraph.build().taps.map { Tap(name: $0.name, width: $0.width) } }

  /// ONNX bytes: input `frames` uint8 [30, 128, 128, 3], output `features` float32 [30, D].
  package static var network: [UInt8] { MotionGraph.build().bytes }
}
