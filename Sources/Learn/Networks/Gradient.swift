internal import Numerics

/// The loss's gradient for a parameter's value: numbers, or the product of two matrices that nobody has computed yet.
///
/// A dense layer's is as large as its weights, and they are far more than a processor's caches hold. The optimiser asks for
/// it rows by rows (`forEachPanel`), and so it never goes through main memory.
final class Gradient {
  /// Floats of a panel at most, if that is a row: half of a second-level cache.
  private static let panel = 1 << 16

  private let rows: Int
  private let columns: Int
  private let numbers = Matrix(rows: 0, columns: 0)
  private var factors: (left: Matrix, right: Matrix)?

  init(rows: Int, columns: Int) { (self.rows, self.columns) = (rows, columns) }

  /// The numbers themselves; zeros at first.
  var matrix: Matrix {
    if numbers.rows != rows || numbers.columns != columns {
      numbers.reshape(rows: rows, columns: columns)
      numbers.fill(0)
    }
    if let factors {
      numbers.multiply(factors.left.transposed, factors.right.plain)
      self.factors = nil
    }
    return numbers
  }

  /// Becomes left^T right. Both must be left alone until the optimiser's step.
  func set(_ left: Matrix, times right: Matrix) {
    precondition(
      left.rows == right.rows && left.columns == rows && right.columns == columns, "shapes that cannot be multiplied")
    factors = (left, right)
  }

  /// Calls `body` for parts of the numbers that together are all of them, with the place of the first one in row order and
  /// how many there are. The numbers are valid during the call.
  func forEachPanel(_ body: (_ first: Int, _ numbers: UnsafePointer<Float>, _ count: Int) -> Void) {
    guard let factors else { return body(0, matrix.start, rows * columns) }
    let height = max(1, Self.panel / max(columns, 1))
    for first in stride(from: 0, to: rows, by: height) {
      numbers.reshape(rows: min(height, rows - first), columns: columns)
      numbers.multiply(factors.left.columns(from: first, count: numbers.rows).transposed, factors.right.plain)
      body(first * columns, numbers.start, numbers.count)
    }
  }
}
