internal import CVectors

/// Loops over contiguous floats that become vector instructions; those that learning spends its time in are in C, since
/// they shall use what the processor has (`CVectors`). Each gives the same bits whatever else is computed: sums have a
/// fixed order.
package enum Vectors {
  /// The inner product.
  package static func dot(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, count: Int) -> Float {
    cvectors_dot(left, right, count)
  }

  /// `target += factor * source`.
  package static func add(
    _ factor: Float, times source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int
  ) {
    for index in 0..<count { target[index] += factor * source[index] }
  }

  /// `target += source`.
  package static func add(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int) {
    for index in 0..<count { target[index] += source[index] }
  }

  /// `target += left * right`, element by element.
  package static func add(
    _ left: UnsafePointer<Float>, times right: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int
  ) {
    for index in 0..<count { target[index] += left[index] * right[index] }
  }

  /// `target` becomes the sum of `rows` vectors times their factors, or has it added; each vector begins `distance` floats
  /// after the one before.
  package static func sum(
    _ source: UnsafePointer<Float>, rows: Int, distance: Int, factors: UnsafePointer<Float>,
    to target: UnsafeMutablePointer<Float>, count: Int, adding: Bool
  ) {
    if !adding { target.update(repeating: 0, count: count) }
    cvectors_add_rows(source, rows, distance, factors, target, count)
  }

  /// What a pass over some rows finds out about each of their columns: the sums of the distances from `origin` and of
  /// their squares are added to `sum` and `square`; the greatest and least values are taken into `high` and `low`, where
  /// what is no number is passed over.
  package static func summarise(
    _ source: UnsafePointer<Float>, rows: Int, distance: Int, origin: UnsafePointer<Float>,
    sum: UnsafeMutablePointer<Float>, square: UnsafeMutablePointer<Float>, high: UnsafeMutablePointer<Float>,
    low: UnsafeMutablePointer<Float>, count: Int
  ) {
    cvectors_summarise(source, rows, distance, origin, sum, square, high, low, count)
  }

  /// As `summarise`, the greatest and least values alone.
  package static func widenBounds(
    _ source: UnsafePointer<Float>, rows: Int, distance: Int, high: UnsafeMutablePointer<Float>,
    low: UnsafeMutablePointer<Float>, count: Int
  ) {
    cvectors_widen_bounds(source, rows, distance, high, low, count)
  }

  /// Writes float16 numbers, which need not be aligned, as the floats that they are.
  package static func widen(_ halves: UnsafeRawPointer, to target: UnsafeMutablePointer<Float>, count: Int) {
    cvectors_widen(halves, target, count)
  }

  /// What Adam is set to for one step.
  package struct AdamStep {
    package var rate: Float
    package var firstDecay: Float
    package var secondDecay: Float
    package var epsilon: Float

    package init(rate: Float, firstDecay: Float, secondDecay: Float, epsilon: Float) {
      (self.rate, self.firstDecay, self.secondDecay, self.epsilon) = (rate, firstDecay, secondDecay, epsilon)
    }
  }

  /// Moves values and both moments by their gradient.
  package static func move(
    _ value: UnsafeMutablePointer<Float>, _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>,
    gradient: UnsafePointer<Float>, count: Int, _ step: AdamStep
  ) {
    cvectors_adam(gradient, value, first, second, step.rate, step.firstDecay, step.secondDecay, step.epsilon, count)
  }

  /// Whether none of the values is infinite or no number.
  package static func areFinite(_ values: UnsafePointer<Float>, count: Int) -> Bool {
    // An exponent of all ones; integer operations may be reordered, so this becomes vector instructions.
    var found: UInt32 = 0
    for index in 0..<count { found |= values[index].bitPattern & 0x7F80_0000 == 0x7F80_0000 ? 1 : 0 }
    return found == 0
  }
}
