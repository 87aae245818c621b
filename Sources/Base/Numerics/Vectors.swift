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

  /// `target = max(target, source)`, element by element.
  package static func raise(_ target: UnsafeMutablePointer<Float>, to source: UnsafePointer<Float>, count: Int) {
    for index in 0..<count { target[index] = source[index] > target[index] ? source[index] : target[index] }
  }

  /// `target = min(target, source)`, element by element.
  package static func lower(_ target: UnsafeMutablePointer<Float>, to source: UnsafePointer<Float>, count: Int) {
    for index in 0..<count { target[index] = source[index] < target[index] ? source[index] : target[index] }
  }

  /// Whether none of the values is infinite or no number.
  package static func areFinite(_ values: UnsafePointer<Float>, count: Int) -> Bool {
    // An exponent of all ones; integer operations may be reordered, so this becomes vector instructions.
    var found: UInt32 = 0
    for index in 0..<count { found |= values[index].bitPattern & 0x7F80_0000 == 0x7F80_0000 ? 1 : 0 }
    return found == 0
  }
}
