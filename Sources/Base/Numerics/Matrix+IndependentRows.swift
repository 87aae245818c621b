extension Matrix {
  /// Rows that go through the product's kernels side by side, as the lanes of its vectors. Not more: kernels may sum in
  /// one order at the edges of a wide block and in another inside, and some do.
  private static let lanes = 16

  /// Becomes `left` times `right`, where each row of the result depends on that row of `left` and on `right` alone, bit
  /// for bit: not on where the row stands, nor on how many there are, nor on what they hold. An ordinary product does
  /// not promise that.
  ///
  /// Rows are taken by sixteen, so that each is a lane of the same instructions. Where rows belong together,
  /// `multiplyByGroups` is faster.
  ///
  /// - Parameters:
  ///   - first: of the rows of `left` that are multiplied; as many as this matrix has.
  ///   - step: from each of them to the next.
  package func multiplyIndependently(_ left: Matrix, from first: Int = 0, step: Int = 1, _ right: Matrix) {
    precondition(
      right.columns == columns && left.columns == right.rows && step > 0
        && (rows == 0 || first + (rows - 1) * step < left.rows), "shapes that cannot be multiplied")
    let input = Matrix(rows: Self.lanes, columns: left.columns)
    let output = Matrix(rows: columns, columns: Self.lanes)
    for done in stride(from: 0, to: rows, by: Self.lanes) {
      let count = min(Self.lanes, rows - done)
      if count < Self.lanes { input.fill(0) }
      for lane in 0..<count {
        input.row(lane).update(from: left.row(first + (done + lane) * step), count: left.columns)
      }
      output.multiply(right.transposed, input.transposed)
      for lane in 0..<count {
        let row = row(done + lane)
        for index in 0..<columns { row[index] = output.start[index * Self.lanes + lane] }
      }
    }
  }

  /// Becomes `left` times `right`, where each group of rows depends on those rows of `left` and on `right` alone, bit for
  /// bit: each is a product of its own, always of the same shape.
  ///
  /// - Parameter group: rows of a group, such as the frames of a clip; there are whole groups.
  package func multiplyByGroups(of group: Int, _ left: Matrix, _ right: Matrix) {
    precondition(left.rows == rows && rows.isMultiple(of: group), "rows that are no groups")
    for first in stride(from: 0, to: rows, by: group) {
      multiply(left.rows(from: first, count: group), right.plain, toRow: first)
    }
  }
}
