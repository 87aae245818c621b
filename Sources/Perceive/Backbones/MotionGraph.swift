/// The graph of `builtin/motion`, put together from its parts. A part returns [frames, width] with features near unit
/// variance; parts of the moving region are 0 where nothing moves.
enum MotionGraph {
  static let frames = 30
  static let side = 128
  /// Masks and what is measured on them have half the resolution.
  static let maskSide = side / 2
  /// No feature goes beyond it, so float16 holds them all with three digits.
  static let limit: Float = 24

  static func build() -> (bytes: [UInt8], taps: [(name: String, width: Int)]) {
    let graph = OnnxGraph("motion")
    let input = graph.input("frames", .uint8, [.fixed(frames), .fixed(side), .fixed(side), .fixed(3)])
    let scene = MotionScene(input.transposed([0, 3, 1, 2]).cast(.float32))
    let region = MotionRegion(scene)
    let crop = MotionCrop(scene, region)
    let parts: [(name: String, columns: MotionColumns)] = [
      ("scene", scene.features), ("region", region.features), ("travel", region.travel), ("coat", crop.coat),
      ("silhouette", crop.silhouette), ("edges", crop.edges),
    ]
    let features = concatenated(parts.map { $0.columns.joined }, axis: 1).clamped(-limit, limit)
    let width = parts.reduce(0) { $0 + $1.columns.width }
    graph.output("features", features, [.fixed(frames), .fixed(width)])
    return (graph.bytes, parts.map { ($0.name, $0.columns.width) })
  }
}

/// Features side by side, each part [frames, width].
struct MotionColumns {
  private var values: [OnnxValue] = []
  private(set) var width = 0

  /// - Parameter value: `width` numbers a frame, in any shape that starts with the frames.
  mutating func add(_ value: OnnxValue, _ width: Int = 1, less offset: Float = 0, times scale: Float = 1) {
    var value = value.reshaped([MotionGraph.frames, width])
    if offset != 0 { value = value - offset }
    if scale != 1 { value = value * scale }
    values.append(value)
    self.width += width
  }

  /// The same number for every frame of the clip.
  mutating func addForClip(_ value: OnnxValue, less offset: Float = 0, times scale: Float = 1) {
    let ones = value.graph.constant([Float](repeating: 1, count: MotionGraph.frames), [MotionGraph.frames, 1])
    add(value.reshaped([1, 1]) * ones, 1, less: offset, times: scale)
  }

  var joined: OnnxValue { concatenated(values, axis: 1) }
}
