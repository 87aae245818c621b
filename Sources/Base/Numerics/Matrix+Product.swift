internal import COpenBLAS

extension Matrix {
  /// A factor of a product: rows of a matrix, as they are or transposed.
  package struct Factor {
    fileprivate let matrix: Matrix
    fileprivate let firstRow: Int
    /// Rows of the matrix from one row of the factor to the next.
    fileprivate let step: Int
    fileprivate let count: Int
    fileprivate var isTransposed = false

    fileprivate var rows: Int { isTransposed ? matrix.columns : count }
    fileprivate var columns: Int { isTransposed ? count : matrix.columns }
    fileprivate var order: CBLAS_TRANSPOSE { isTransposed ? CblasTrans : CblasNoTrans }
    fileprivate var start: UnsafePointer<Float> { UnsafePointer(matrix.row(firstRow)) }
    fileprivate var distance: blasint { blasint(matrix.columns * step) }

    package var transposed: Factor {
      var other = self
      other.isTransposed.toggle()
      return other
    }
  }

  package var plain: Factor { Factor(matrix: self, firstRow: 0, step: 1, count: rows) }
  package var transposed: Factor { plain.transposed }

  /// Some of the rows, each `step` rows after the one before, without a copy.
  package func rows(from first: Int, step: Int = 1, count: Int) -> Factor {
    precondition(
      first >= 0 && step > 0 && count >= 0 && (count == 0 || first + (count - 1) * step < rows), "outside of the matrix"
    )
    return Factor(matrix: self, firstRow: first, step: step, count: count)
  }

  /// Becomes `left` times `right`; with `adding`, that is added to what it holds. Shapes must fit; it is neither factor.
  ///
  /// The same factors give the same bits on one kind of CPU (with one thread). A row may get other last digits when the
  /// number of rows changes.
  package func multiply(_ left: Factor, _ right: Factor, adding: Bool = false) {
    precondition(left.rows == rows, "shapes that cannot be multiplied")
    multiply(left, right, toRow: 0, adding: adding)
  }

  /// As `multiply`, of as many rows as `left` has, from one row of this matrix on.
  func multiply(_ left: Factor, _ right: Factor, toRow first: Int, adding: Bool = false) {
    precondition(
      first + left.rows <= rows && right.columns == columns && left.columns == right.rows,
      "shapes that cannot be multiplied")
    guard left.rows > 0, columns > 0 else { return }
    guard left.columns > 0 else {
      if !adding { row(first).update(repeating: 0, count: left.rows * columns) }
      return
    }
    cblas_sgemm(
      CblasRowMajor, left.order, right.order, blasint(left.rows), blasint(columns), blasint(left.columns), 1,
      left.start, left.distance, right.start, right.distance, adding ? 1 : 0, row(first), blasint(columns))
  }
}
