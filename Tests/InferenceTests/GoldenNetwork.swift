import Backbones
import Vocabulary

/// The small network of `scripts/golden/features.py`, built by the same rules: a convolution, a depthwise one and a pointwise
/// one, with a tap after the first and after the last.
enum GoldenNetwork {
  static let frames = 2
  static let side = 24

  static var clip: [UInt8] {
    (0..<frames * side * side * 3).map { UInt8(($0 * 7919 + $0 / 997) % 256) }
  }

  static var bytes: [UInt8] {
    let graph = OnnxGraph("golden")
    let size = OnnxGraph.Dimension.fixed(side)
    let input = graph.input("frames", .uint8, [.free("N"), size, size, .fixed(3)])
    let pixels = input.transposed([0, 3, 1, 2]).cast(.float32) / 255 - 0.5
    let first = pixels.convolved(weights(graph, [8, 3, 3, 3], seed: 1), side: 3).positive
    let deep = first.convolved(weights(graph, [8, 1, 5, 5], seed: 2), side: 5, groups: 8)
    let last = deep.convolved(weights(graph, [16, 8, 1, 1], seed: 3), side: 1).sigmoid
    let taps = [first.mean([2, 3]).reshaped([-1, 8]), last.mean([2, 3]).reshaped([-1, 16])]
    graph.output("features", concatenated(taps, axis: 1), [.free("N"), .fixed(24)])
    return graph.bytes
  }

  static var backbone: Backbone {
    Backbone(
      name: "golden", model: Digest(of: bytes), sampling: Sampling(rateNumerator: 1, frames: frames, side: side),
      taps: [Tap(name: "first", width: 8), Tap(name: "last", width: 16)], licence: "MIT", origin: "a test")
  }

  /// -0.5 to 0.5 in steps of 1/2048, exact in any language.
  private static func weights(_ graph: OnnxGraph, _ shape: [Int], seed: Int) -> OnnxValue {
    let values = (0..<shape.reduce(1, *)).map { index in
      Float((((index + 1) * 2_654_435_761 + seed * 40503) % (1 << 32)) >> 21) / 2048 - 0.5
    }
    return graph.constant(values, shape)
  }
}
