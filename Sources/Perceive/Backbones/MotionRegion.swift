/// Size, place and shape of the moving region, and how it moves.
struct MotionRegion {
  /// Centre and half side of the square around it, in units where the frame reaches from -1 to 1: [N, 1, 1, 1].
  let centreX: OnnxValue
  let centreY: OnnxValue
  let half: OnnxValue
  /// 0 where nothing moves, 1 where something clearly does: [N, 1, 1, 1].
  let presence: OnnxValue
  private let mask: OnnxValue
  private let spreadX: OnnxValue
  private let spreadY: OnnxValue
  private let tilt: OnnxValue

  init(_ scene: MotionScene) {
    let mask = scene.mask
    let (x, y) = Self.coordinates(mask.graph)
    // What belongs to something large outweighs scattered leaves.
    let compact = mask * mask.boxed(9, 9).squared
    let total = compact.sum([2, 3]) + 1e-3
    let firstX = (compact * x).sum([2, 3]) / total
    let firstY = (compact * y).sum([2, 3]) / total
    let distance = (x - firstX).squared + (y - firstY).squared
    let near = compact.squareRoot * (distance * -4).exponential
    let mass = near.sum([2, 3]) + 1e-3
    centreX = (near * x).sum([2, 3]) / mass
    centreY = (near * y).sum([2, 3]) / mass
    let (dx, dy) = (x - centreX, y - centreY)
    spreadX = ((near * dx.squared).sum([2, 3]) / mass + 4e-4).squareRoot
    spreadY = ((near * dy.squared).sum([2, 3]) / mass + 4e-4).squareRoot
    tilt = (near * dx * dy).sum([2, 3]) / mass / (spreadX * spreadY)
    half = (mask.graph.node("Max", [spreadX, spreadY]) * 2.2 + 0.04).clamped(0.08, 1)
    presence = (mask.boxed(5, 5).maximum([2, 3]) * 1.6 - 0.2).clamped(0, 1)
    self.mask = mask
  }

  private static func coordinates(_ graph: OnnxGraph) -> (OnnxValue, OnnxValue) {
    let side = MotionGraph.maskSide
    let axis = (0..<side).map { (Float($0) + 0.5) * 2 / Float(side) - 1 }
    return (graph.constant(axis, [1, 1, 1, side]), graph.constant(axis, [1, 1, side, 1]))
  }

  var features: MotionColumns {
    var columns = MotionColumns()
    let area = mask.mean([2, 3])
    columns.add((area + 1e-4).logarithm, less: -4.5, times: 0.6)
    columns.add(area.squareRoot, less: 0.12, times: 7)
    // The fullest window of each size and form: how large the largest thing is, and whether it stands or lies.
    for (height, width) in [(3, 3), (7, 7), (15, 15), (31, 31), (3, 13), (13, 3), (5, 27), (27, 5)] {
      columns.add(mask.boxed(height, width).maximum([2, 3]), less: 0.3, times: 2.5)
    }
    for rows in 0..<4 {
      let size = MotionGraph.maskSide / 4
      let band = mask.slice(axis: 2, rows * size..<(rows + 1) * size).mean([2, 3])
      columns.add(band.squareRoot, less: 0.1, times: 6)
    }
    let lumped = (mask.boxed(7, 7).squared.mean([2, 3]) / (area + 1e-3)) * presence
    let columnsTouched = mask.maximum([2]).mean([3])
    let rowsTouched = mask.maximum([3]).mean([2])
    columns.add(lumped, less: 0.2, times: 4)
    columns.add(columnsTouched, less: 0.2, times: 4)
    columns.add(rowsTouched, less: 0.2, times: 4)
    columns.add((columnsTouched + 0.03).logarithm - (rowsTouched + 0.03).logarithm, times: 1.5)
    columns.add(presence, less: 0.5, times: 2)
    columns.add(presence * centreX, times: 2)
    columns.add(presence * centreY, times: 3)
    columns.add(presence * (spreadX.logarithm + 2), times: 1.5)
    columns.add(presence * (spreadY.logarithm + 2), times: 1.5)
    columns.add(presence * (spreadX.logarithm - spreadY.logarithm), times: 2)
    columns.add(presence * tilt.absolute, times: 3)
    columns.add(presence * (spreadX * spreadY).logarithm / 2 + presence * 2, times: 1.5)
    return columns
  }

  /// Between neighbouring frames, and over the whole clip.
  var travel: MotionColumns {
    var columns = MotionColumns()
    let count = MotionGraph.frames
    let before = [0] + Array(0..<count - 1)
    let change = (mask - mask.gathered(axis: 0, before)).absolute
    let area = mask.mean([2, 3])
    let both = presence * presence.gathered(axis: 0, before)
    columns.add(change.mean([2, 3]).squareRoot, less: 0.1, times: 6)
    columns.add(change.mean([2, 3]) / (area + area.gathered(axis: 0, before) + 2e-3), less: 0.3, times: 5)
    columns.add(change.boxed(7, 7).maximum([2, 3]), less: 0.3, times: 2.5)
    columns.add(both * (centreX - centreX.gathered(axis: 0, before)).absolute, times: 4)
    columns.add(both * (centreY - centreY.gathered(axis: 0, before)).absolute, times: 5)
    let union = mask.maximum([0])
    let usual = mask.mean([0])
    columns.addForClip(union.mean([2, 3]), less: 0.2, times: 4)
    columns.addForClip(usual.mean([2, 3]) / (union.mean([2, 3]) + 1e-2), less: 0.3, times: 4)
    columns.addForClip(usual.boxed(9, 9).maximum([2, 3]), less: 0.3, times: 3)
    // Motion that returns to the same place, as plants do, against motion that passes.
    columns.add((mask * usual).mean([2, 3]) / (area + 1e-3), less: 0.3, times: 4)
    return columns
  }
}
