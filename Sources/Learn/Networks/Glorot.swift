internal import Numerics
package import Vocabulary

extension Parameter {
  /// Glorot and Bengio's uniform initialisation, as Keras draws it: in (-l, l) with l = sqrt(6 / (fan in + fan out)).
  package func drawGlorot(fanIn: Int, fanOut: Int, _ random: inout SplitMix64) {
    let limit = (6 / Float(fanIn + fanOut)).squareRoot()
    for index in 0..<value.count { value.start[index] = (2 * random.uniform() - 1) * limit }
  }
}
