internal import Foundation
internal import Numerics
package import Vocabulary

extension Parameter {
  /// Glorot and Bengio's uniform initialisation, as Keras draws it: in (-l, l) with l = sqrt(6 / (fan in + fan out)).
  package func drawGlorot(fanIn: Int, fanOut: Int, _ random: inout SplitMix64) {
    let limit = (6 / Float(fanIn + fanOut)).squareRoot()
    for index in 0..<value.count { value.start[index] = (2 * random.uniform() - 1) * limit }
  }

  /// Rows of length 1, each at a right angle to all others (Saxe et al. 2014), as Keras starts recurrent weights: a state
  /// then neither grows nor fades. There must be no more rows than columns.
  package func drawOrthogonal(_ random: inout SplitMix64) {
    precondition(value.rows <= value.columns, "no more orthogonal rows than columns")
    let columns = value.columns
    for index in 0..<value.rows {
      let row = value.row(index)
      // Box and Muller: normal numbers have no direction.
      for column in 0..<columns {
        let distance = (-2 * log(1 - random.uniform())).squareRoot()
        row[column] = distance * cos(2 * Float.pi * random.uniform())
      }
      for other in 0..<index {
        let shadow = Vectors.dot(row, value.row(other), count: columns)
        Vectors.add(-shadow, times: value.row(other), to: row, count: columns)
      }
      let length = Vectors.dot(row, row, count: columns).squareRoot()
      for column in 0..<columns { row[column] /= length }
    }
  }
}
