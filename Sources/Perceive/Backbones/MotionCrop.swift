/// The moving region cut out and scaled to one size: what its animal looks like.
struct MotionCrop {
  private static let side = 32
  /// [N, 3, 32, 32], [N, 1, 32, 32].
  private let picture: OnnxValue
  private let residual: OnnxValue
  private let mask: OnnxValue
  private let presence: OnnxValue

  init(_ scene: MotionScene, _ region: MotionRegion) {
    let graph = scene.picture.graph
    let side = Self.side
    let axis = (0..<side).map { (Float($0) + 0.5) * 2 / Float(side) - 1 }
    let x = graph.constant(axis, [1, 1, side, 1]) * region.half + region.centreX
    let y = graph.constant(axis, [1, side, 1, 1]) * region.half + region.centreY
    let filler = graph.constant([Float](repeating: 0, count: side * side), [1, side, side, 1])
    let grid = concatenated([x + filler, y + filler], axis: 3)
    let kinds: [(String, OnnxGraph.Attribute)] = [
      ("mode", .string("bilinear")), ("padding_mode", .string("border")), ("align_corners", .int(0)),
    ]
    let whole = graph.node("GridSample", [scene.frames, grid], kinds)
    picture = whole / (scene.exposure * 255)
    let small = graph.node("GridSample", [concatenated([scene.residual, scene.mask], axis: 1), grid], kinds)
    residual = small.slice(axis: 1, 0..<3)
    mask = small.slice(axis: 1, 3..<4)
    presence = region.presence
  }

  private func within(_ value: OnnxValue) -> OnnxValue { (value * mask).mean([2, 3]) / (mask.mean([2, 3]) + 1e-3) }

  /// Colour and brightness of what moves, alone and against what it hides.
  var coat: MotionColumns {
    var columns = MotionColumns()
    let luma = picture.mean([1])
    let inside = within(luma)
    let deviation = (within((luma - inside).squared) + 1e-5).squareRoot
    let hidden = within(luma - residual.mean([1]))
    columns.add(presence * (inside - 0.3), times: 6)
    columns.add(presence * within(picture - luma), 3, times: 20)
    columns.add(presence * within(residual), 3, times: 20)
    columns.add(presence * within(residual - residual.mean([1])), 3, times: 40)
    columns.add(presence * within(residual.absolute.mean([1])), times: 20)
    columns.add(presence * ((inside + 0.02).logarithm - (hidden.positive + 0.02).logarithm), times: 5)
    columns.add(presence * (deviation.logarithm + 2.5), times: 1.5)
    for level in [0.05, 0.12, 0.2, 0.32, 0.48, 0.7] as [Float] {
      let width = 0.05 + level * 0.3
      let share = within((((luma - level) / width).squared * -1).exponential)
      columns.add(presence * share, times: 3)
    }
    for (near, far) in [(1, 3), (3, 7), (7, 15)] {
      let band = luma.boxed(near, near, side: Self.side) - luma.boxed(far, far, side: Self.side)
      columns.add(presence * ((within(band.absolute) + 2e-3).logarithm + 4), times: 1)
      columns.add(presence * (within(band.absolute) / (deviation + 0.02)), times: 6)
    }
    return columns
  }

  /// The mask's outline, 8 by 8, left and right alike.
  var silhouette: MotionColumns {
    var columns = MotionColumns()
    let cells = mask.shrunk(4, side: Self.side)
    let mirrored = cells.gathered(axis: 3, Array((0..<8).reversed()))
    let both = (cells + mirrored).slice(axis: 3, 0..<4)
    let normal = both / (cells.maximum([2, 3]) + 0.05)
    columns.add(presence * normal, 32, times: 1.5)
    columns.add(presence * (cells - mirrored).absolute.mean([2, 3]), times: 10)
    return columns
  }

  /// Edges of four directions in four bands from top to bottom, of the picture and of the mask, left and right alike.
  var edges: MotionColumns {
    var columns = MotionColumns()
    for value in [picture.mean([1]), mask] {
      let graph = value.graph
      let kernels = graph.constant(
        [
          0, 0, 0, -1, 0, 1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 1, 0, -0.7, 0, 0, 0, 0, 0, 0, 0, 0.7, 0, 0, 0.7, 0, 0, 0,
          -0.7, 0, 0,
        ], [4, 1, 3, 3])
      let strength = value.convolved(kernels, side: 3).absolute * (mask + 0.05)
      let share = strength / (strength.mean([1, 2, 3]) + 1e-3)
      let bands = share.mean([3]).transposed([0, 1, 3, 2]).shrunkColumns(8, side: Self.side)
      let diagonals = bands.slice(axis: 1, 2..<3) + bands.slice(axis: 1, 3..<4)
      columns.add(presence * concatenated([bands.slice(axis: 1, 0..<2), diagonals], axis: 1), 12, times: 1)
      columns.add(presence * (strength.mean([1, 2, 3]) + 1e-3).logarithm + presence * 3, times: 1)
    }
    return columns
  }
}
