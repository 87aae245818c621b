package import Numerics

/// Matrices of the same clips, joined on the feature axis.
package final class Join {
  private let output = Matrix(rows: 0, columns: 0)
  private var gradients: [Matrix] = []

  package init() {}

  package func forward(_ parts: [Matrix]) -> Matrix {
    output.reshape(rows: parts[0].rows, columns: parts.reduce(0) { $0 + $1.columns })
    while gradients.count < parts.count { gradients.append(Matrix(rows: 0, columns: 0)) }
    var first = 0
    for (part, gradient) in zip(parts, gradients) {
      precondition(part.rows == output.rows, "parts of different clips")
      gradient.reshape(rows: part.rows, columns: part.columns)
      for row in 0..<part.rows { (output.row(row) + first).update(from: part.row(row), count: part.columns) }
      first += part.columns
    }
    return output
  }

  /// The gradient of each part.
  package func backward(_ gradient: Matrix) -> [Matrix] {
    var first = 0
    for part in gradients {
      for row in 0..<part.rows { part.row(row).update(from: gradient.row(row) + first, count: part.columns) }
      first += part.columns
    }
    return gradients
  }
}
