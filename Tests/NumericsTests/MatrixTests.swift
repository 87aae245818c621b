import Numerics
import Testing
import Vocabulary

@Suite struct MatrixTests {
  struct Product: Sendable {
    var rows: Int
    var inner: Int
    var columns: Int
  }

  /// Sizes around the kernels' blocks, and none at all.
  @Test(arguments: [
    Product(rows: 1, inner: 1, columns: 1), Product(rows: 3, inner: 5, columns: 2),
    Product(rows: 17, inner: 33, columns: 24), Product(rows: 64, inner: 130, columns: 31),
    Product(rows: 0, inner: 4, columns: 4), Product(rows: 4, inner: 0, columns: 4),
  ])
  func productsAreThoseOfTheDefinition(_ size: Product) {
    var random = SplitMix64(seed: 1)
    let left = draw(size.rows, size.inner, &random)
    let right = draw(size.inner, size.columns, &random)
    let expected = Matrix(rows: size.rows, columns: size.columns)
    for row in 0..<size.rows {
      for column in 0..<size.columns {
        var sum = 0.0
        for index in 0..<size.inner { sum += Double(left[row, index]) * Double(right[index, column]) }
        expected[row, column] = Float(sum)
      }
    }
    let product = Matrix(rows: size.rows, columns: size.columns)
    product.fill(7)
    for (a, b) in [
      (left.plain, right.plain), (transpose(left).transposed, right.plain), (left.plain, transpose(right).transposed),
    ] {
      product.multiply(a, b)
      #expect(distance(product, expected) < 1e-4)
    }
    product.multiply(left.plain, right.plain, adding: true)
    for index in 0..<expected.count { expected.start[index] *= 2 }
    #expect(distance(product, expected) < 1e-4)
  }

  /// Kernels of different CPUs fail this in different places; 24, 1024, 1536 and 7808 are what the models multiply with.
  @Test(arguments: [
    Product(rows: 50, inner: 7808, columns: 64), Product(rows: 70, inner: 1024, columns: 24),
    Product(rows: 40, inner: 376, columns: 1024), Product(rows: 37, inner: 20, columns: 128),
    Product(rows: 33, inner: 129, columns: 1), Product(rows: 20, inner: 1, columns: 5),
    Product(rows: 41, inner: 512, columns: 1536),
  ])
  func independentRowsAreTheSameWhereverTheyStand(_ size: Product) {
    expectSameParts(of: size, groups: 1) { $0.multiplyIndependently($1, $2) }
  }

  @Test(
    arguments: [
      Product(rows: 20, inner: 512, columns: 1536), Product(rows: 45, inner: 512, columns: 96),
      Product(rows: 19, inner: 1, columns: 5),
    ], [1, 3, 45])
  func groupsAreTheSameWhereverTheyStand(_ size: Product, _ group: Int) {
    expectSameParts(of: size, groups: group) { $0.multiplyByGroups(of: group, $1, $2) }
  }

  /// - Parameter size: `rows` counts groups.
  private func expectSameParts(of size: Product, groups: Int, _ multiply: (Matrix, Matrix, Matrix) -> Void) {
    var random = SplitMix64(seed: 3)
    let (left, right) = (draw(size.rows * groups, size.inner, &random), draw(size.inner, size.columns, &random))
    let product = Matrix(rows: left.rows, columns: size.columns)
    product.multiply(left.plain, right.plain)
    let all = Matrix(rows: left.rows, columns: size.columns)
    multiply(all, left, right)
    #expect(distance(all, product) < 1e-4)
    let ends = [1, 2, size.rows - 17, size.rows - 1].map { ($0, size.rows - $0) }
    for (first, count) in ends + [(3, 1), (2, 15), (1, 16), (0, 17), (5, 0), (7, 11)] {
      let some = Matrix(rows: count * groups, columns: size.inner)
      some.start.update(from: left.row(first * groups), count: some.count)
      let part = Matrix(rows: some.rows, columns: size.columns)
      multiply(part, some, right)
      let isSame = part.values.elementsEqual(
        UnsafeBufferPointer(start: all.row(first * groups), count: part.count))
      #expect(isSame, "\(count) from \(first) on")
    }
  }

  /// Every third row, as a recurrent layer reads one moment of all clips.
  @Test func productsOfSomeRowsAreThoseOfACopy() {
    var random = SplitMix64(seed: 4)
    let (all, right) = (draw(3 * 5, 7, &random), draw(7, 9, &random))
    let copy = Matrix(rows: 5, columns: 7)
    for row in 0..<5 { copy.row(row).update(from: all.row(1 + 3 * row), count: 7) }
    let (product, expected) = (Matrix(rows: 5, columns: 9), Matrix(rows: 5, columns: 9))
    product.multiply(all.rows(from: 1, step: 3, count: 5), right.plain)
    expected.multiply(copy.plain, right.plain)
    #expect(product.values == expected.values)
    product.multiplyIndependently(all, from: 1, step: 3, right)
    expected.multiplyIndependently(copy, right)
    #expect(product.values == expected.values)
    let (outer, expectedOuter) = (Matrix(rows: 7, columns: 9), Matrix(rows: 7, columns: 9))
    outer.multiply(all.rows(from: 1, step: 3, count: 5).transposed, expected.plain)
    expectedOuter.multiply(copy.transposed, expected.plain)
    #expect(outer.values == expectedOuter.values)
  }

  @Test func reshapingKeepsTheMemoryOfTheLargest() {
    let matrix = Matrix(rows: 4, columns: 8)
    let start = matrix.start
    matrix.reshape(rows: 3, columns: 8)
    #expect(matrix.start == start && matrix.rows == 3 && matrix.values.count == 24)
    matrix.reshape(rows: 8, columns: 8)
    #expect(matrix.count == 64)
    matrix.fill(2)
    #expect(matrix.values == Array(repeating: 2, count: 64))
    #expect(Int(bitPattern: matrix.start) % 64 == 0)
  }

  @Test(arguments: [0, 1, 15, 16, 17, 100])
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

  @Test(arguments: [(1, 5), (3, 16), (7, 37)])
  func rangesAreThoseOfEachColumn(_ rows: Int, _ count: Int) {
    var random = SplitMix64(seed: 6)
    let source = draw(rows, count + 3, &random)
    let target = Matrix(rows: 1, columns: count)
    Vectors.range(source.start, rows: rows, distance: count + 3, to: target.start, count: count)
    let expected = (0..<count).map { column in
      let values = (0..<rows).map { source[$0, column] }
      return (values.max() ?? 0) - (values.min() ?? 0)
    }
    #expect(target.values == expected)
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

  private func draw(_ rows: Int, _ columns: Int, _ random: inout SplitMix64) -> Matrix {
    let matrix = Matrix(rows: rows, columns: columns)
    for index in 0..<matrix.count { matrix.start[index] = random.uniform() * 2 - 1 }
    return matrix
  }

  private func transpose(_ matrix: Matrix) -> Matrix {
    let other = Matrix(rows: matrix.columns, columns: matrix.rows)
    for row in 0..<matrix.rows { for column in 0..<matrix.columns { other[column, row] = matrix[row, column] } }
    return other
  }

  private func distance(_ left: Matrix, _ right: Matrix) -> Float {
    zip(left.values, right.values).map { abs($0 - $1) }.max() ?? 0
  }
}
