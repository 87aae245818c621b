import Inference
import Vocabulary
import WorkUnits

/// A network that needs no library: the mean red, green and blue of each frame.
struct FakeEngine: InferenceEngine {
  var sampling: Sampling
  /// Added to every feature of clips whose first one lies in `spoilt`.
  var offset: Float = 0
  var spoilt: ClosedRange<Float> = 0...255
  let runtime = "a stand-in 1.0"

  /// What is not finite is returned, as OpenVINO does (`EngineConformance`).
  func features(of frames: UnsafeRawBufferPointer) throws -> [Float] {
    let means = means(of: frames)
    return spoilt.contains(means[0]) ? means.map { $0 + offset } : means
  }

  private func means(of frames: UnsafeRawBufferPointer) -> [Float] {
    let pixels = sampling.side * sampling.side
    return (0..<sampling.frames).flatMap { frame in
      (0..<3).map { channel in
        let sum = (0..<pixels).reduce(0) { $0 + Int(frames[(frame * pixels + $1) * 3 + channel]) }
        return Float(sum) / Float(pixels)
      }
    }
  }
}

/// A backbone for it.
func backbone(_ name: String, _ sampling: Sampling) throws -> BackboneUse {
  try BackboneUse(
    backbone: Backbone(
      name: name, model: Digest(of: [UInt8](name.utf8)), sampling: sampling, taps: [Tap(name: "mean", width: 3)],
      licence: "MIT", origin: "test"), file: nil, precision: .float32)
}
