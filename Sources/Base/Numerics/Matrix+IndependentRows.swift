internal import CVectors

extension Matrix {
  /// Becomes `left` times `right`, where each row of the result depends on that row of `left` and on `right` alone, bit
  /// for bit: not on where the row stands, nor on how many there are, nor on what they hold. An OpenBLAS product does not
  /// promise that: its kernels may sum in one order inside a block and in another at the edges, and some do.
  ///
  /// - Parameters:
  ///   - first: of the rows of `left` that are multiplied; as many as this matrix has.
  ///   - step: from each of them to the next.
  package func multiplyIndependently(_ left: Matrix, from first: Int = 0, step: Int = 1, _ right: Matrix) {
    precondition(
      right.columns == columns && left.columns == right.rows && step > 0
        && (rows == 0 || first + (rows - 1) * step < left.rows), "shapes that cannot be multiplied")
    cvectors_product(left.row(first), rows, left.columns * step, right.rows, right.start, columns, start)
  }
}
