/// Box filters and changes of size as matrix products, which CPUs do faster than pooling of few channels. They work on
/// the last two axes, whose sizes are squares of the motion graph.
extension OnnxValue {
  /// Mean over a window of `height` by `width` around each pixel, cut off at the border. The side is that of this value.
  func boxed(_ height: Int, _ width: Int, side: Int = MotionGraph.maskSide) -> OnnxValue {
    var value = self
    if width > 1 { value = value.times(graph.matrix(Self.box(side, width, transposed: true))) }
    if height > 1 { value = graph.matrix(Self.box(side, height, transposed: false)).times(value) }
    return value
  }

  /// Means of blocks of `factor` by `factor` pixels.
  func shrunk(_ factor: Int, side: Int) -> OnnxValue {
    graph.matrix(Self.blocks(side, factor, 1 / Float(factor))).times(shrunkColumns(factor, side: side))
  }

  func shrunkColumns(_ factor: Int, side: Int) -> OnnxValue {
    times(graph.matrix(Self.transposed(Self.blocks(side, factor, 1 / Float(factor)))))
  }

  /// Every pixel becomes two by two.
  func doubled(side: Int) -> OnnxValue {
    let matrix = Self.blocks(side * 2, 2, 1)
    return graph.matrix(Self.transposed(matrix)).times(times(graph.matrix(matrix)))
  }

  /// Row i averages the entries within half of `width` of i.
  private static func box(_ side: Int, _ width: Int, transposed flip: Bool) -> [[Float]] {
    let matrix = (0..<side).map { i in
      let window = max(0, i - width / 2)..<min(side, i + (width + 1) / 2)
      return (0..<side).map { window.contains($0) ? 1 / Float(window.count) : 0 }
    }
    return flip ? transposed(matrix) : matrix
  }

  /// Row i has `weight` at the entries of block i.
  private static func blocks(_ side: Int, _ factor: Int, _ weight: Float) -> [[Float]] {
    (0..<side / factor).map { i in (0..<side).map { $0 / factor == i ? weight : 0 } }
  }

  private static func transposed(_ matrix: [[Float]]) -> [[Float]] {
    guard let first = matrix.first else { return [] }
    return first.indices.map { column in matrix.map { $0[column] } }
  }
}

extension OnnxGraph {
  fileprivate func matrix(_ rows: [[Float]]) -> OnnxValue {
    constant(rows.flatMap { $0 }, [rows.count, rows.first?.count ?? 0])
  }
}
