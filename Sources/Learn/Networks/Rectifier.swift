package import Numerics

/// max(x, 0).
package final class Rectifier: Layer {
  private let output = Matrix(rows: 0, columns: 0)
  private let inputGradient = Matrix(rows: 0, columns: 0)

  package init() {}

  package var parameters: [Parameter] { [] }

  package func forward(_ input: Matrix, isTraining: Bool) -> Matrix {
    output.reshape(rows: input.rows, columns: input.columns)
    let (x, y) = (input.start, output.start)
    for index in 0..<input.count { y[index] = x[index] > 0 ? x[index] : 0 }
    return output
  }

  package func backward(_ gradient: Matrix) -> Matrix {
    inputGradient.reshape(rows: gradient.rows, columns: gradient.columns)
    let (y, dy, dx) = (output.start, gradient.start, inputGradient.start)
    for index in 0..<gradient.count { dx[index] = y[index] > 0 ? dy[index] : 0 }
    return inputGradient
  }
}
