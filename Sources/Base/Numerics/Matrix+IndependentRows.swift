extension Matrix {
  /// Rows that go through the product's kernels side by side, as the lanes of its vectors.
  private static let lanes = 16

  /// Becomes `left` times `right`, where each row of the result depends on that row of `left` and on `right` alone, bit
  /// for bit: not on where the row stands, nor on how many there are, nor on what they hold. An ordinary product does
  /// not promise that: kernels sum in one order inside a block and in another at the edges.
  ///
  /// Rows are taken by sixteen and transposed, so that each is a lane of the same instructions.
  package func multiplyIndependently(_ left: Matrix, _ right: Matrix) {
    precondition(
      left.rows == rows && right.columns == columns && left.columns == right.rows, "shapes that cannot be multiplied")
    let input = Matrix(rows: left.columns, columns: Self.lanes)
    let output = Matrix(rows: columns, columns: Self.lanes)
    for first in stride(from: 0, to: rows, by: Self.lanes) {
      let count = min(Self.lanes, rows - first)
      if count < Self.lanes { input.fill(0) }
      for lane in 0..<count {
        let row = left.row(first + lane)
        for index in 0..<left.columns { input.start[index * Self.lanes + lane] = row[index] }
      }
      output.multiply(right.transposed, input.plain)
      for lane in 0..<count {
        let row = row(first + lane)
        for index in 0..<columns { row[index] = output.start[index * Self.lanes + lane] }
      }
    }
  }
}
