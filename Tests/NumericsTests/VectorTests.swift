import Numerics
import Testing
import Vocabulary

/// Every fast loop against a plain one, at sizes around its vectors.
@Suite struct VectorTests {
  @Test(arguments: [0, 1, 15, 16, 17, 31, 32, 33, 100])
  func vectorLoopsReachEveryElement(_ count: Int) {
    var random = SplitMix64(seed: 2)
    let (a, b) = (draw(1, count, &random), draw(1, count, &random))
    let exact = zip(a.values, b.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    #expect(abs(Double(Vectors.dot(a.start, b.start, count: count)) - exact) < 1e-4)

    func check(_ body: (UnsafeMutablePointer<Float>) -> Void, _ expected: (Float, Float) -> Float) {
      let target = Matrix(rows: 1, columns: count, values: a.values)
      body(target.start)
      #expect(target.values == zip(a.values, b.values).map { expected($0.0, $0.1) })
    }
    check({ Vectors.add(3, times: b.start, to: $0, count: count) }, { $0 + 3 * $1 })
    check({ Vectors.add(b.start, to: $0, count: count) }, { $0 + $1 })
    check({ Vectors.add(b.start, times: b.start, to: $0, count: count) }, { $0 + $1 * $1 })
  }

  @Test(arguments: [(0, 5), (1, 3), (4, 16), (7, 17), (8, 40)])
  func sumsOfRowsReachEveryElement(_ rows: Int, _ count: Int) {
    var random = SplitMix64(seed: 5)
    let (source, factors) = (draw(rows, count + 3, &random), draw(1, rows, &random))
    let start = draw(1, count, &random)
    for isAdding in [true, false] {
      let target = Matrix(rows: 1, columns: count, values: start.values)
      Vectors.sum(
        source.start, rows: rows, distance: count + 3, factors: factors.start, to: target.start, count: count,
        adding: isAdding)
      let expected = (0..<count).map { column in
        (0..<rows).reduce(isAdding ? start[0, column] : 0) { $0 + factors[0, $1] * source[$1, column] }
      }
      #expect(zip(target.values, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  /// Against a plain loop in double precision; the greatest and least values to the bit.
  @Test(arguments: [1, 2, 3, 45], [1, 15, 16, 37])
  func summariesAreThoseOfEachColumn(_ rows: Int, _ count: Int) {
    var random = SplitMix64(seed: 6)
    let (source, origin, start) = (draw(rows, count + 3, &random), draw(1, count, &random), draw(4, count, &random))
    let (both, bounds) = (Matrix(rows: 4, columns: count), Matrix(rows: 4, columns: count))
    for matrix in [both, bounds] { matrix.copy(start) }
    Vectors.summarise(
      source.start, rows: rows, distance: count + 3, origin: origin.start, sum: both.row(0), square: both.row(1),
      high: both.row(2), low: both.row(3), count: count)
    Vectors.widenBounds(
      source.start, rows: rows, distance: count + 3, high: bounds.row(2), low: bounds.row(3), count: count)
    for column in 0..<count {
      let values = (0..<rows).map { source[$0, column] }
      let distances = values.map { Double($0) - Double(origin[0, column]) }
      #expect(abs(Double(both[0, column]) - distances.reduce(Double(start[0, column]), +)) < 1e-5)
      #expect(abs(Double(both[1, column]) - distances.reduce(Double(start[1, column])) { $0 + $1 * $1 }) < 1e-4)
      for matrix in [both, bounds] {
        #expect(matrix[2, column] == values.reduce(start[2, column], max))
        #expect(matrix[3, column] == values.reduce(start[3, column], min))
      }
    }
  }

  /// Infinite values count, what is no number does not; sums have both.
  @Test(arguments: [1, 2, 3], [0, 15, 16])
  func summariesOfWhatIsNoNumber(_ rows: Int, _ column: Int) {
    let source = Matrix(rows: rows, columns: 17)
    let (origin, sum, square, high, low) = (row(17), row(17), row(17), row(17), row(17))
    for (value, isNumber) in [(Float.nan, false), (.infinity, true)] {
      for matrix in [sum, square, high, low] { matrix.fill(0) }
      source[rows - 1, column] = value
      Vectors.summarise(
        source.start, rows: rows, distance: 17, origin: origin.start, sum: sum.start, square: square.start,
        high: high.start, low: low.start, count: 17)
      #expect(high[0, column] == (isNumber ? .infinity : 0) && low[0, column] == 0)
      #expect(sum.values.count(where: { !$0.isFinite }) == 1 && !sum[0, column].isFinite)
      #expect(square.values.count(where: { !$0.isFinite }) == 1 && !square[0, column].isFinite)
    }
  }

  /// Against the definition in double precision, for a first and a later step.
  @Test(arguments: [0, 1, 15, 16, 17, 100])
  func adamMovesEveryElement(_ count: Int) {
    var random = SplitMix64(seed: 9)
    let (value, first, gradient) = (draw(1, count, &random), draw(1, count, &random), draw(1, count, &random))
    let second = draw(1, count, &random)
    for index in 0..<count { second.start[index] = abs(second.start[index]) }
    let before = [value, first, second].map(\.values)
    let step = Vectors.AdamStep(rate: 0.01, firstDecay: 0.9, secondDecay: 0.999, epsilon: 1e-7)
    Vectors.move(value.start, first.start, second.start, gradient: gradient.start, count: count, step)
    for index in 0..<count {
      let slope = Double(gradient.values[index])
      let mean = 0.9 * Double(before[1][index]) + 0.1 * slope
      let square = 0.999 * Double(before[2][index]) + 0.001 * slope * slope
      #expect(abs(Double(first.values[index]) - mean) < 1e-6)
      #expect(abs(Double(second.values[index]) - square) < 1e-6)
      #expect(
        abs(Double(value.values[index]) - (Double(before[0][index]) - 0.01 * mean / (square.squareRoot() + 1e-7)))
          < 1e-5)
    }
  }

  /// A gradient that is no number spoils its own parameter and no other.
  @Test(arguments: [0, 15, 16]) func adamPassesOnWhatIsNoNumber(_ place: Int) {
    let (value, first, second, gradient) = (row(17), row(17), row(17), row(17))
    gradient[0, place] = .nan
    let step = Vectors.AdamStep(rate: 0.01, firstDecay: 0.9, secondDecay: 0.999, epsilon: 1e-7)
    Vectors.move(value.start, first.start, second.start, gradient: gradient.start, count: 17, step)
    for matrix in [value, first, second] {
      #expect(matrix[0, place].isNaN && matrix.values.count(where: { $0.isNaN }) == 1)
    }
  }

  @Test(arguments: [0, 31, 32, 65]) func dotPassesOnWhatIsNoNumber(_ place: Int) {
    let (left, right) = (row(66), row(66))
    left[0, place] = .nan
    #expect(Vectors.dot(left.start, right.start, count: 66).isNaN)
    #expect(Vectors.dot(left.start, right.start, count: place) == 0)
  }

  /// All of them: every float16 is a float.
  @Test func widenedNumbersAreTheSame() {
    let halves = (0...UInt16.max).map { Float16(bitPattern: $0) }
    let target = Matrix(rows: 1, columns: halves.count)
    halves.withUnsafeBytes { bytes in
      if let start = bytes.baseAddress { Vectors.widen(start, to: target.start, count: halves.count) }
    }
    #expect(zip(target.values, halves).allSatisfy { $0 == Float($1) || ($0.isNaN && $1.isNaN) })
  }

  private func row(_ count: Int) -> Matrix { Matrix(rows: 1, columns: count) }
}
