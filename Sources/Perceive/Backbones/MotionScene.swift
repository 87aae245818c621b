/// What stays and what differs from it.
///
/// The background is a robust mean over time: a pixel counts the less the further it is from the background found so far
/// (Cauchy weights, some rounds), and a frame that repeats the one before it, as the end of a short clip does, counts
/// nothing. Each frame's exposure against the background is estimated with it, so passing clouds are no motion.
struct MotionScene {
  /// As they came, RGB 0 to 255: [N, 3, side, side].
  let frames: OnnxValue
  /// Exposure of each frame against the clip's: [N, 1, 1, 1].
  let exposure: OnnxValue
  /// Frames after exposure correction, RGB 0 to 1: [N, 3, maskSide, maskSide].
  let picture: OnnxValue
  /// [1, 3, maskSide, maskSide].
  let background: OnnxValue
  /// Picture minus background.
  let residual: OnnxValue
  /// Soft mask of what moves, 0 to 1: [N, 1, maskSide, maskSide].
  let mask: OnnxValue
  /// Mean squared residual where nothing moves: [1, 1, 1, 1].
  private let noise: OnnxValue

  private static let rounds = 3
  /// The square of one and a half grey levels: codecs' rounding is no motion.
  private static let rounding: Float = 3.5e-5

  init(_ frames: OnnxValue) {
    self.frames = frames
    let small = frames.shrunk(2, side: MotionGraph.side) / 255
    let fresh = Self.freshness(small)
    var exposure = small.mean([1, 2, 3]) + 0.02
    exposure = exposure / ((exposure * fresh).sum([0]) / fresh.sum([0]))
    var weight = fresh
    var background = (small / exposure * weight).sum([0]) / weight.sum([0])
    for _ in 0..<Self.rounds {
      let energy = (small / exposure - background).squared.mean([1])
      let scale = (energy * weight).mean([0, 2, 3]) / weight.mean([0, 2, 3]) + Self.rounding
      let doubt = (energy / (scale * 3) + 1).squared
      exposure = (small * background / doubt).sum([1, 2, 3]) / ((background.squared / doubt).sum([1, 2, 3]) + 1e-6)
      exposure = exposure.clamped(0.2, 5)
      weight = fresh / doubt
      background = (small / exposure * weight).sum([0]) / (weight.sum([0]) + 1e-9)
    }
    self.exposure = exposure
    self.background = background
    picture = small / exposure
    residual = picture - background
    let half = MotionGraph.maskSide / 2
    let (near, noise) = Self.excess(residual.squared.mean([1]), weight, side: MotionGraph.maskSide)
    let coarse = residual.shrunk(2, side: MotionGraph.maskSide).squared.mean([1])
    let (wide, _) = Self.excess(coarse, weight.shrunk(2, side: MotionGraph.maskSide), side: half)
    self.noise = noise
    mask = frames.graph.node("Max", [near, wide.doubled(side: half)])
  }

  /// 1 for a frame that differs from the one before it, 0 for one that repeats it; the first is 1: [N, 1, 1, 1].
  private static func freshness(_ frames: OnnxValue) -> OnnxValue {
    let count = MotionGraph.frames
    let change = frames.slice(axis: 0, 1..<count) - frames.slice(axis: 0, 0..<count - 1)
    let first = frames.graph.constant([1], [1, 1, 1, 1])
    return concatenated([first, (change.absolute.mean([1, 2, 3]) * 1e6).clamped(0, 1)], axis: 0)
  }

  /// How clearly the squared residuals exceed the noise of the clip and of their own place, 0 to 1.
  private static func excess(_ energy: OnnxValue, _ weight: OnnxValue, side: Int) -> (OnnxValue, OnnxValue) {
    let noise = (energy * weight).mean([0, 2, 3]) / (weight.mean([0, 2, 3]) + 1e-4)
    let local = ((energy * weight).sum([0]) / (weight.sum([0]) + 0.1)).boxed(3, 3, side: side)
    let ratio = energy.boxed(3, 3, side: side) / (noise + local + rounding)
    return ((ratio.squareRoot - 1.8).clamped(0, 3) / 3, noise)
  }

  /// Light and colour of the whole view; they tell day from night.
  var features: MotionColumns {
    var columns = MotionColumns()
    let luma = picture.mean([1])
    let colour = (picture - luma).absolute.mean([1, 2, 3])
    let still = background.mean([1])
    columns.add(luma.mean([1, 2, 3]), less: 0.3, times: 10)
    columns.add(colour, less: 0.03, times: 20)
    columns.add(exposure.logarithm, times: 8)
    columns.addForClip((still - still.mean([2, 3])).squared.mean([2, 3]).squareRoot, less: 0.15, times: 15)
    columns.addForClip((noise + 1e-5).logarithm, less: -10, times: 1.5)
    return columns
  }
}
