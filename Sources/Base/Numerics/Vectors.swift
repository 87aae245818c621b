/// Plain loops over contiguous floats, written so that the compiler turns them into vector instructions. Each gives the
/// same bits whatever else is computed: sums have a fixed order.
package enum Vectors {
  /// The inner product, as sixteen running sums that are added up at the end.
  package static func dot(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, count: Int) -> Float {
    var sums = SIMD16<Float>(repeating: 0)
    let whole = count & ~15
    var index = 0
    while index < whole {
      let a = UnsafeRawPointer(left + index).loadUnaligned(as: SIMD16<Float>.self)
      let b = UnsafeRawPointer(right + index).loadUnaligned(as: SIMD16<Float>.self)
      sums += a * b
      index += 16
    }
    let halves = sums.lowHalf + sums.highHalf
    let quarters = halves.lowHalf + halves.highHalf
    var sum = (quarters[0] + quarters[2]) + (quarters[1] + quarters[3])
    while index < count {
      sum += left[index] * right[index]
      index += 1
    }
    return sum
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
    // Four at a time, so that the target is read and written a quarter as often.
    let whole = rows & ~3
    for row in stride(from: 0, to: whole, by: 4) {
      let (a, b, c, d) = (factors[row], factors[row + 1], factors[row + 2], factors[row + 3])
      let first = source + row * distance
      let (second, third, fourth) = (first + distance, first + 2 * distance, first + 3 * distance)
      for index in 0..<count {
        target[index] += (a * first[index] + b * second[index]) + (c * third[index] + d * fourth[index])
      }
    }
    for row in whole..<max(rows, whole) { add(factors[row], times: source + row * distance, to: target, count: count) }
  }

  /// The range of each column of some rows: `target` becomes their maximum less their minimum. There is a row; each begins
  /// `distance` floats after the one before.
  package static func range(
    _ source: UnsafePointer<Float>, rows: Int, distance: Int, to target: UnsafeMutablePointer<Float>, count: Int
  ) {
    // Sixteen columns at a time keep both ends in registers.
    let whole = count & ~15
    for first in stride(from: 0, to: whole, by: 16) {
      let column = UnsafeRawPointer(source + first)
      var high = column.loadUnaligned(as: SIMD16<Float>.self)
      var low = high
      for row in 1..<max(rows, 1) {
        let x = column.loadUnaligned(fromByteOffset: row * distance * 4, as: SIMD16<Float>.self)
        high.replace(with: x, where: x .> high)
        low.replace(with: x, where: x .< low)
      }
      UnsafeMutableRawPointer(target + first).storeBytes(of: high - low, as: SIMD16<Float>.self)
    }
    for index in whole..<count {
      var (high, low) = (source[index], source[index])
      for row in 1..<max(rows, 1) {
        let x = source[row * distance + index]
        high = x > high ? x : high
        low = x < low ? x : low
      }
      target[index] = high - low
    }
  }

  /// Writes float16 numbers, which need not be aligned, as the floats that they are.
  ///
  /// Written out because the standard library's conversion is a function call a value where the processor is not known
  /// to have one, and this becomes vector instructions.
  package static func widen(_ halves: UnsafeRawPointer, to target: UnsafeMutablePointer<Float>, count: Int) {
    for index in 0..<count {
      let bits = UInt32(halves.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
      // The exponents' biases differ by 112; a multiplication also makes subnormal numbers normal.
      let magnitude = Float(bitPattern: (bits & 0x7FFF) << 13) * 0x1p112
      let infinite: UInt32 = bits & 0x7C00 == 0x7C00 ? 0x7F80_0000 : 0
      target[index] = Float(bitPattern: magnitude.bitPattern | infinite | (bits & 0x8000) << 16)
    }
  }

  /// Whether none of the values is infinite or no number.
  package static func areFinite(_ values: UnsafePointer<Float>, count: Int) -> Bool {
    // An exponent of all ones; integer operations may be reordered, so this becomes vector instructions.
    var found: UInt32 = 0
    for index in 0..<count { found |= values[index].bitPattern & 0x7F80_0000 == 0x7F80_0000 ? 1 : 0 }
    return found == 0
  }
}
