package import Numerics
package import Vocabulary

/// y = x W + b with W [inputs, outputs], as Keras keeps it.
package final class Dense: Layer {
  package let weight: Parameter
  /// Nil before a batch norm, which would take it away again: its gradient is zero but for rounding, and Adam would turn
  /// that rounding into full steps.
  package let bias: Parameter?
  private var input: Matrix?
  private let output = Matrix(rows: 0, columns: 0)
  private let inputGradient = Matrix(rows: 0, columns: 0)

  /// - Parameter isDrawn: otherwise the weights are zeros, for others that take their place at once.
  package init(
    _ name: String, inputs: Int, outputs: Int, hasBias: Bool, random: inout SplitMix64, isDrawn: Bool = true
  ) {
    weight = Parameter("\(name).weight", shape: [inputs, outputs])
    if isDrawn { weight.drawGlorot(fanIn: inputs, fanOut: outputs, &random) }
    bias = hasBias ? Parameter("\(name).bias", shape: [outputs]) : nil
  }

  package var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }

  /// Makes the layer answer the log odds of `shares` whatever its input.
  func start(at shares: [Double]) {
    weight.value.fill(0)
    bias?.value.copy(shares.map { Float(logOdds($0)) })
  }

  package func forward(_ input: Matrix, isTraining: Bool) -> Matrix {
    self.input = isTraining ? input : nil
    output.reshape(rows: input.rows, columns: weight.value.columns)
    if isTraining {
      output.multiply(input.plain, weight.value.plain)
    } else {
      output.multiplyIndependently(input, weight.value)
    }
    if let bias {
      for row in 0..<output.rows { Vectors.add(bias.value.start, to: output.row(row), count: output.columns) }
    }
    return output
  }

  package func backward(_ gradient: Matrix) -> Matrix {
    guard let input else { preconditionFailure("backward belongs to a training forward") }
    weight.slope?.set(input, times: gradient)
    if let sums = bias?.gradient {
      sums.fill(0)
      for row in 0..<gradient.rows { Vectors.add(gradient.row(row), to: sums.start, count: gradient.columns) }
    }
    inputGradient.reshape(rows: input.rows, columns: input.columns)
    inputGradient.multiply(gradient.plain, weight.value.transposed)
    return inputGradient
  }
}
