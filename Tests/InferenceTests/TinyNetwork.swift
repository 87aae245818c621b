import Backbones
import Vocabulary

/// Networks of a few nodes whose features can be worked out by hand, good ones and ones that break the contract.
struct TinyNetwork {
  static let frames = 5
  static let side = 8

  enum Kind {
    /// The mean colour of each frame, 0 to 1.
    case frameMeans
    /// What each frame's mean colour is above the clip's.
    case clipDifferences
    case infinities
    case floatInput, channelsFirst, otherInputName, otherOutputName, otherSide, otherFrames, narrow, twoInputs,
      twoOutputs
  }

  /// Breaches of the contract, and what the refusal must say.
  static let misfits: [(Kind, [String])] = [
    (.floatInput, ["`frames` float32 [?, 8, 8, 3]", "wanted is `frames` uint8"]),
    (.channelsFirst, ["`frames` uint8 [?, 3, 8, 8]", "[5 or free, 8, 8, 3]"]),
    (.otherInputName, ["`pictures` uint8"]), (.otherOutputName, ["`embedding` float32", "wanted is `features`"]),
    (.otherSide, ["[?, 16, 16, 3]", "8, 8, 3]"]), (.otherFrames, ["[7, 8, 8, 3]", "5 or free"]),
    (.narrow, ["`features` float32 [?, 2]", "3]", "taps"]), (.twoInputs, ["2 inputs"]), (.twoOutputs, ["2 outputs"]),
  ]

  let bytes: [UInt8]
  var frameSize: Int { Self.side * Self.side * 3 }
  var clipSize: Int { frameSize * Self.frames }

  var backbone: Backbone {
    Backbone(
      name: "tiny", model: Digest(of: bytes),
      sampling: Sampling(rateNumerator: 1, frames: Self.frames, side: Self.side),
      taps: [Tap(name: "colour", width: 3)], licence: "MIT", origin: "a test")
  }

  init(_ kind: Kind) {
    let graph = OnnxGraph("tiny")
    let side = OnnxGraph.Dimension.fixed(kind == .otherSide ? 16 : Self.side)
    let count: OnnxGraph.Dimension =
      switch kind {
      case .clipDifferences: .fixed(Self.frames)
      case .otherFrames: .fixed(7)
      default: .free("N")
      }
    let shape = kind == .channelsFirst ? [count, .fixed(3), side, side] : [count, side, side, .fixed(3)]
    let input = graph.input(
      kind == .otherInputName ? "pictures" : "frames", kind == .floatInput ? .float32 : .uint8, shape)
    let axes = kind == .channelsFirst ? [2, 3] : [1, 2]
    var means = (input.cast(.float32) / 255).mean(axes).reshaped([-1, 3])
    switch kind {
    case .clipDifferences: means = means - means.mean([0])
    case .infinities: means = means.logarithm
    case .narrow: means = means.slice(axis: 1, 0..<2)
    case .twoInputs: means = means + graph.input("more", .float32, [.fixed(1)])
    case .twoOutputs: graph.output("more", means, [count, .fixed(3)])
    default: break
    }
    graph.output(
      kind == .otherOutputName ? "embedding" : "features", means, [count, .fixed(kind == .narrow ? 2 : 3)])
    bytes = graph.bytes
  }

  func clip(seed: UInt64) -> [UInt8] {
    var generator = SplitMix64(seed: seed)
    return (0..<clipSize).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }

  func frameMeans(_ clip: [UInt8]) -> [Float] {
    (0..<Self.frames * 3).map { index in
      let (frame, colour) = (index / 3, index % 3)
      let pixels = stride(from: frame * frameSize + colour, to: (frame + 1) * frameSize, by: 3)
      return pixels.reduce(Float(0)) { $0 + Float(clip[$1]) } / Float(Self.side * Self.side) / 255
    }
  }
}
