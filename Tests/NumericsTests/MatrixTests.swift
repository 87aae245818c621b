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

  /// Sizes around the blocks and tiles; 24, 1024, 1536 and 7808 are what the models multiply with.
  @Test(arguments: [
    Product(rows: 50, inner: 7808, columns: 64), Product(rows: 70, inner: 1024, columns: 24),
    Product(rows: 40, inner: 376, columns: 1024), Product(rows: 37, inner: 20, columns: 128),
    Product(rows: 33, inner: 129, columns: 1), Product(rows: 20, inner: 1, columns: 5),
    Product(rows: 41, inner: 512, columns: 1536),
  ])
  func independentRowsAreTheSameWhereverTheyStand(_ size: Product) {
    var random = SplitMix64(seed: 3)
    let (left, right) = (draw(size.rows, size.inner, &random), draw(size.inner, size.columns, &random))
    let product = Matrix(rows: left.rows, columns: size.columns)
    product.multiply(left.plain, right.plain)
    let all = Matrix(rows: left.rows, columns: size.columns)
    all.multiplyIndependently(left, right)
    #expect(distance(all, product) < 1e-4)
    let ends = [1, 2, size.rows - 17, size.rows - 1].map { ($0, size.rows - $0) }
    for (first, count) in ends + [(3, 1), (2, 15), (1, 16), (0, 17), (5, 0), (7, 11)] {
      let some = Matrix(rows: count, columns: size.inner)
      some.start.update(from: left.row(first), count: some.count)
      let part = Matrix(rows: some.rows, columns: size.columns)
      part.multiplyIndependently(some, right)
      let isSame = part.values.elementsEqual(UnsafeBufferPointer(start: all.row(first), count: part.count))
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

  @Test func productsOfSomeColumnsAreThoseOfACopy() {
    var random = SplitMix64(seed: 7)
    let (all, right) = (draw(6, 11, &random), draw(6, 5, &random))
    let copy = Matrix(rows: 6, columns: 4)
    for row in 0..<6 { copy.row(row).update(from: all.row(row) + 3, count: 4) }
    let (product, expected) = (Matrix(rows: 4, columns: 5), Matrix(rows: 4, columns: 5))
    product.multiply(all.columns(from: 3, count: 4).transposed, right.plain)
    expected.multiply(copy.transposed, right.plain)
    #expect(product.values == expected.values)
  }

  /// Whatever else its rows hold.
  @Test func whatIsNoNumberStaysInItsRow() {
    var random = SplitMix64(seed: 8)
    let (left, right) = (draw(9, 20, &random), draw(20, 17, &random))
    let (clean, broken) = (Matrix(rows: 9, columns: 17), Matrix(rows: 9, columns: 17))
    clean.multiplyIndependently(left, right)
    left[4, 7] = .nan
    left[7, 0] = .infinity
    broken.multiplyIndependently(left, right)
    for row in 0..<9 {
      let (values, others) = ((0..<17).map { broken[row, $0] }, (0..<17).map { clean[row, $0] })
      switch row {
      case 4: #expect(values.allSatisfy { $0.isNaN })
      case 7: #expect(values.allSatisfy { !$0.isFinite })
      default: #expect(values == others)
      }
    }
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

  private func transpose(_ matrix: Matrix) -> Matrix {
    let other = Matrix(rows: matrix.columns, columns: matrix.rows)
    for row in 0..<matrix.rows { for column in 0..<matrix.columns { other[column, row] = matrix[row, column] } }
    return other
  }

  private func distance(_ left: Matrix, _ right: Matrix) -> Float {
    zip(left.values, right.values).map { abs($0 - $1) }.max() ?? 0
  }
}
