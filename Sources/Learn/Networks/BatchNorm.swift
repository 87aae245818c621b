package import Numerics

/// Batch normalisation of each feature (Ioffe and Szegedy 2015), with Keras's epsilon: gamma (x - mean) / sqrt(variance +
/// 0.001) + beta.
package final class BatchNorm: Layer {
  package static let epsilon: Float = 1e-3
  package static let momentum: Float = 0.99

  package let gamma: Parameter
  package let beta: Parameter
  private let moving: MovingStatistics
  /// Of the latest training batch, [1, features].
  private let mean: Matrix
  private let variance: Matrix
  /// 1 / sqrt(variance + epsilon) of the latest forward, [1, features].
  private let scale: Matrix
  private var input: Matrix?
  private let output = Matrix(rows: 0, columns: 0)
  private let inputGradient = Matrix(rows: 0, columns: 0)

  package init(_ name: String, features: Int, momentum: Float = BatchNorm.momentum) {
    gamma = Parameter("\(name).gamma", shape: [features], initial: 1)
    beta = Parameter("\(name).beta", shape: [features])
    moving = MovingStatistics(name, features: features, momentum: momentum)
    mean = Matrix(rows: 1, columns: features)
    variance = Matrix(rows: 1, columns: features)
    scale = Matrix(rows: 1, columns: features)
  }

  package var parameters: [Parameter] { [gamma, beta] + moving.parameters }

  package func forward(_ input: Matrix, isTraining: Bool) -> Matrix {
    output.reshape(rows: input.rows, columns: input.columns)
    if isTraining {
      self.input = input
      measure(input)
      moving.observe(mean: mean, variance: variance)
      normalise(input, mean: mean, variance: variance)
    } else {
      normalise(input, mean: moving.mean.value, variance: moving.variance.value)
    }
    return output
  }

  private func measure(_ input: Matrix) {
    let (columns, share) = (input.columns, 1 / Float(input.rows))
    let (mean, variance) = (mean.start, variance.start)
    self.mean.fill(0)
    self.variance.fill(0)
    for row in 0..<input.rows { Vectors.add(input.row(row), to: mean, count: columns) }
    for index in 0..<columns { mean[index] *= share }
    for row in 0..<input.rows {
      let x = input.row(row)
      for index in 0..<columns {
        let distance = x[index] - mean[index]
        variance[index] += distance * distance
      }
    }
    for index in 0..<columns { variance[index] *= share }
  }

  private func normalise(_ input: Matrix, mean: Matrix, variance: Matrix) {
    let (mean, scale, gamma, beta) = (mean.start, scale.start, gamma.value.start, beta.value.start)
    for index in 0..<input.columns { scale[index] = 1 / (variance.start[index] + Self.epsilon).squareRoot() }
    for row in 0..<input.rows {
      let (x, y) = (input.row(row), output.row(row))
      for index in 0..<input.columns {
        y[index] = gamma[index] * ((x[index] - mean[index]) * scale[index]) + beta[index]
      }
    }
  }

  /// With xhat the normalised input and n rows: dx = gamma scale (dy - dbeta / n - xhat dgamma / n).
  package func backward(_ gradient: Matrix) -> Matrix {
    guard let input, let gammaGradient = gamma.gradient, let betaGradient = beta.gradient else {
      preconditionFailure("backward belongs to a training forward")
    }
    gammaGradient.fill(0)
    betaGradient.fill(0)
    inputGradient.reshape(rows: input.rows, columns: input.columns)
    let (mean, scale, gamma, share) = (mean.start, scale.start, gamma.value.start, 1 / Float(input.rows))
    let (gammaSum, betaSum) = (gammaGradient.start, betaGradient.start)
    for row in 0..<input.rows {
      let (x, dy) = (input.row(row), gradient.row(row))
      for index in 0..<input.columns {
        betaSum[index] += dy[index]
        gammaSum[index] += dy[index] * ((x[index] - mean[index]) * scale[index])
      }
    }
    for row in 0..<input.rows {
      let (x, dy, dx) = (input.row(row), gradient.row(row), inputGradient.row(row))
      for index in 0..<input.columns {
        let normalised = (x[index] - mean[index]) * scale[index]
        dx[index] =
          gamma[index] * scale[index] * (dy[index] - share * (betaSum[index] + normalised * gammaSum[index]))
      }
    }
    return inputGradient
  }
}
