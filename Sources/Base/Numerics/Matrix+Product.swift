internal import COpenBLAS

extension Matrix {
  /// A factor of a product: a part of a matrix, as it is or transposed.
  package struct Factor {
    fileprivate let matrix: Matrix
    fileprivate let first: (row: Int, column: Int)
    fileprivate let height: Int
    fileprivate let width: Int
    /// Rows of the matrix from one row of the part to the next.
    fileprivate var step = 1
    fileprivate var isTransposed = false

    fileprivate var rows: Int { isTransposed ? width : height }
    fileprivate var columns: Int { isTransposed ? height : width }
    fileprivate var order: CBLAS_TRANSPOSE { isTransposed ? CblasTrans : CblasNoTrans }
    fileprivate var start: UnsafePointer<Float> { UnsafePointer(matrix.row(first.row) + first.column) }
    fileprivate var distance: blasint { blasint(matrix.columns * step) }

    package var transposed: Factor {
      var other = self
      other.isTransposed.toggle()
      return other
    }
  }

  package var plain: Factor { Factor(matrix: self, first: (0, 0), height: rows, width: columns) }
  package var transposed: Factor { plain.transposed }

  /// Some of the rows, each `step` rows after the one before, without a copy.
  package func rows(from first: Int, step: Int = 1, count: Int) -> Factor {
    precondition(
      first >= 0 && step > 0 && count >= 0 && (count == 0 || first + (count - 1) * step < rows), "outside of the matrix"
    )
    return Factor(matrix: self, first: (first, 0), height: count, width: columns, step: step)
  }

  /// Some of the columns, without a copy.
  package func columns(from first: Int, count: Int) -> Factor {
    precondition(first >= 0 && count >= 0 && first + count <= columns, "outside of the matrix")
    return Factor(matrix: self, first: (0, first), height: rows, width: count)
  }

  /// Becomes `left` times `right`; with `adding`, that is added to what it holds. Shapes must fit; it is neither factor.
  ///
  /// The same factors give the same bits on one kind of CPU (with one thread). A row may get other last digits when the
  /// number of rows changes.
  package func multiply(_ left: Factor, _ right: Factor, adding: Bool = false) {
    precondition(
      left.rows == rows && right.columns == columns && left.columns == right.rows, "shapes that cannot be multiplied")
    guard rows > 0, columns > 0 else { return }
    guard left.columns > 0 else {
      if !adding { fill(0) }
      return
    }
    cblas_sgemm(
      CblasRowMajor, left.order, right.order, blasint(rows), blasint(columns), blasint(left.columns), 1,
      left.start, left.distance, right.start, right.distance, adding ? 1 : 0, start, blasint(columns))
  }
}
