internal import Foundation
internal import Numerics

/// Adam (Kingma and Ba 2015) with Keras's defaults and its place of epsilon: after the bias correction's factor was moved
/// into the rate.
package final class Adam {
  package var learningRate: Float
  private let firstDecay: Float = 0.9
  private let secondDecay: Float = 0.999
  private let epsilon: Float = 1e-7
  let moments: [(parameter: Parameter, first: Matrix, second: Matrix)]
  var steps = 0

  /// Trains those of the parameters that have a gradient.
  package init(_ parameters: [Parameter], learningRate: Float) {
    self.learningRate = learningRate
    moments = parameters.filter { $0.gradient != nil }.map {
      let (rows, columns) = ($0.value.rows, $0.value.columns)
      return ($0, Matrix(rows: rows, columns: columns), Matrix(rows: rows, columns: columns))
    }
  }

  /// Moves every parameter by its gradient.
  package func step() {
    steps += 1
    let correction = sqrt(1 - pow(Double(secondDecay), Double(steps))) / (1 - pow(Double(firstDecay), Double(steps)))
    let rate = Float(Double(learningRate) * correction)
    for (parameter, first, second) in moments {
      guard let gradient = parameter.gradient?.start else { continue }
      move(parameter.value.start, gradient, first.start, second.start, count: first.count, rate: rate)
    }
  }

  private func move(
    _ value: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, _ first: UnsafeMutablePointer<Float>,
    _ second: UnsafeMutablePointer<Float>, count: Int, rate: Float
  ) {
    let (a, b, epsilon) = (firstDecay, secondDecay, epsilon)
    for index in 0..<count {
      let slope = gradient[index]
      first[index] = a * first[index] + (1 - a) * slope
      second[index] = b * second[index] + (1 - b) * slope * slope
      value[index] -= rate * first[index] / (second[index].squareRoot() + epsilon)
    }
  }
}
