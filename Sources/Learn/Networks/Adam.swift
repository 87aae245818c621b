internal import Foundation
internal import Numerics

/// Adam (Kingma and Ba 2015) with Keras's defaults and its place of epsilon: after the bias correction's factor was moved
/// into the rate.
package final class Adam {
  package var learningRate: Float
  private static let firstDecay: Float = 0.9
  private static let secondDecay: Float = 0.999
  private static let epsilon: Float = 1e-7
  let moments: [(parameter: Parameter, first: Matrix, second: Matrix)]
  var steps = 0

  /// Trains those of the parameters that have a gradient.
  package init(_ parameters: [Parameter], learningRate: Float) {
    self.learningRate = learningRate
    moments = parameters.filter { $0.slope != nil }.map {
      let (rows, columns) = ($0.value.rows, $0.value.columns)
      return ($0, Matrix(rows: rows, columns: columns), Matrix(rows: rows, columns: columns))
    }
  }

  /// Moves every parameter by its gradient: once through the memory of each, for weights and moments are far more than the
  /// caches hold, and the time goes into moving them.
  package func step() {
    steps += 1
    let (a, b) = (Double(Self.firstDecay), Double(Self.secondDecay))
    let correction = sqrt(1 - pow(b, Double(steps))) / (1 - pow(a, Double(steps)))
    let step = Vectors.AdamStep(
      rate: Float(Double(learningRate) * correction), firstDecay: Self.firstDecay, secondDecay: Self.secondDecay,
      epsilon: Self.epsilon)
    for (parameter, first, second) in moments {
      let (value, first, second) = (parameter.value.start, first.start, second.start)
      parameter.slope?.forEachPanel { start, gradient, count in
        Vectors.move(value + start, first + start, second + start, gradient: gradient, count: count, step)
      }
    }
  }
}
