/// Which frames of a clip a network sees: frame floor(t * fps) of the clip for t = 0, 1/rate, 2/rate ..., `frames` of
/// them, each scaled to `side` by `side` pixels without keeping the aspect. Short clips repeat their last frame.
package struct Sampling: Hashable, Sendable, Codable {
  /// Samples per second, as a ratio so that it is exact: 3/1, 2/1, 1/2.
  package var rateNumerator: Int
  package var rateDenominator: Int
  package var frames: Int
  package var side: Int

  package init(rateNumerator: Int, rateDenominator: Int = 1, frames: Int, side: Int) {
    self.rateNumerator = rateNumerator
    self.rateDenominator = rateDenominator
    self.frames = frames
    self.side = side
  }

  /// RGB bytes of all sampled frames: uint8 [frames, side, side, 3].
  package var byteCount: Int { frames * side * side * 3 }
}

/// A named point of a network whose globally averaged activation is kept, and its width.
package struct Tap: Hashable, Sendable, Codable {
  package var name: String
  package var width: Int

  package init(name: String, width: Int) {
    self.name = name
    self.width = width
  }
}

/// A pretrained network as Primatrix uses it: input `frames` uint8 [N, H, W, 3] RGB, output `features` float32 [N, D].
package struct Backbone: Hashable, Sendable, Codable {
  /// `builtin/motion`, `resnet152`, ...: also its folder under `features/`.
  package var name: String
  /// SHA-256 of the ONNX bytes.
  package var model: Digest
  package var sampling: Sampling
  package var taps: [Tap]
  package var licence: String
  package var origin: String

  package init(name: String, model: Digest, sampling: Sampling, taps: [Tap], licence: String, origin: String) {
    self.name = name
    self.model = model
    self.sampling = sampling
    self.taps = taps
    self.licence = licence
    self.origin = origin
  }

  /// D: features per frame.
  package var width: Int { taps.reduce(0) { $0 + $1.width } }

  /// What the names of its compiled networks begin with, whatever machine they were compiled for: who knows nothing of
  /// compiling can tell whose they are.
  package var compiledPrefix: String { "\(model.hex.prefix(16))-" }
}

/// How exactly a network computes; part of the fingerprint because the features' last digits depend on it.
package enum Precision: String, Hashable, Sendable, Codable, CaseIterable {
  case float32, bfloat16
}
