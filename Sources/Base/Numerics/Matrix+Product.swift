internal import COpenBLAS

extension Matrix {
  /// A factor of a product, as it is or transposed.
  package struct Factor {
    fileprivate let matrix: Matrix
    fileprivate let isTransposed: Bool

    fileprivate var rows: Int { isTransposed ? matrix.columns : matrix.rows }
    fileprivate var columns: Int { isTransposed ? matrix.rows : matrix.columns }
    fileprivate var order: CBLAS_TRANSPOSE { isTransposed ? CblasTrans : CblasNoTrans }
  }

  package var plain: Factor { Factor(matrix: self, isTransposed: false) }
  package var transposed: Factor { Factor(matrix: self, isTransposed: true) }

  /// Becomes `left` times `right`; with `adding`, that is added to what it holds. Shapes must fit; it is neither factor.
  ///
  /// The same factors give the same bits on one kind of CPU (with one thread). A row may get other last digits when the
  /// number of rows changes.
  package func multiply(_ left: Factor, _ right: Factor, adding: Bool = false) {
    precondition(
      left.rows == rows && right.columns == columns && left.columns == right.rows, "shapes that cannot be multiplied")
    guard count > 0 else { return }
    guard left.columns > 0 else {
      if !adding { fill(0) }
      return
    }
    cblas_sgemm(
      CblasRowMajor, left.order, right.order, blasint(rows), blasint(columns), blasint(left.columns), 1,
      left.matrix.start, blasint(left.matrix.columns), right.matrix.start, blasint(right.matrix.columns),
      adding ? 1 : 0, start, blasint(columns))
  }
}
