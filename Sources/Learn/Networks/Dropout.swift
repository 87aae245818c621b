package import Numerics
package import Vocabulary

/// In training sets a share of the values to 0 and scales the others up, so that the expected sum stays; otherwise hands
/// its input on.
package final class Dropout: Layer {
  private let drawn: DropoutMask
  /// What each value of the latest training batch was multiplied by.
  private let mask = Matrix(rows: 0, columns: 0)
  private let output = Matrix(rows: 0, columns: 0)
  private let inputGradient = Matrix(rows: 0, columns: 0)

  package init(_ share: Float, random: inout SplitMix64) { drawn = DropoutMask(share, random: &random) }

  package var parameters: [Parameter] { [] }

  package func restart(_ random: inout SplitMix64) { drawn.restart(&random) }

  package func forward(_ input: Matrix, isTraining: Bool) -> Matrix {
    guard isTraining else { return input }
    mask.reshape(rows: input.rows, columns: input.columns)
    output.reshape(rows: input.rows, columns: input.columns)
    let (x, y, mask) = (input.start, output.start, mask.start)
    drawn.draw(mask, count: input.count)
    for index in 0..<input.count { y[index] = x[index] * mask[index] }
    return output
  }

  package func backward(_ gradient: Matrix) -> Matrix {
    inputGradient.reshape(rows: gradient.rows, columns: gradient.columns)
    let (mask, dy, dx) = (mask.start, gradient.start, inputGradient.start)
    for index in 0..<gradient.count { dx[index] = dy[index] * mask[index] }
    return inputGradient
  }
}
