/// The gates' curves, an array at a time, accurate to 1e-6 of the value: libm's are a function call each, and a clip asks
/// for 200,000 of them.
extension Vectors {
  /// Each x becomes 1 / (1 + exp(-x)).
  package static func sigmoid(_ values: UnsafeMutablePointer<Float>, count: Int) {
    for index in 0..<count { values[index] = 1 / (1 + exponential(-values[index])) }
  }

  /// Each x becomes tanh x = e / (e + 2), with e = exp(2x) - 1.
  package static func tanh(_ values: UnsafeMutablePointer<Float>, count: Int) {
    for index in 0..<count {
      let power = Power(2 * clamp(values[index], 9))
      // exp(2x) - 1 without a difference of near numbers where x is small: (2^n - 1) + 2^n (exp(rest) - 1).
      let e = (power.scale - 1) + power.scale * power.excess
      values[index] = e / (e + 2)
    }
  }

  /// Each x becomes exp(x); below -87 what that of -87 is, 1.6e-38, and above 87 likewise.
  package static func exponential(_ values: UnsafeMutablePointer<Float>, count: Int) {
    for index in 0..<count { values[index] = exponential(values[index]) }
  }

  /// exp(x) with x clamped to what float32 can hold the power of; no subnormal numbers.
  @inline(__always) private static func exponential(_ x: Float) -> Float {
    let power = Power(clamp(x, 87))
    return power.scale + power.scale * power.excess
  }

  /// No number stays none: broken features must not become a confident answer.
  @inline(__always) private static func clamp(_ x: Float, _ limit: Float) -> Float {
    let below = x > limit ? limit : x
    return below < -limit ? -limit : below
  }

  /// exp(x) in two parts, for |x| < 88: 2^n and exp(x - n ln 2) - 1, with n the integer nearest to x / ln 2.
  private struct Power {
    let scale: Float
    let excess: Float

    @inline(__always) init(_ x: Float) {
      // Added to 1.5 * 2^23, a float is rounded to an integer, which then is its lowest bits.
      let shifted = x * 1.442_695_04 + 0x1.8p23
      let n = shifted - 0x1.8p23
      scale = Float(bitPattern: (shifted.bitPattern &<< 23) &+ 0x3F80_0000)
      // ln 2 in two parts, the first of so few bits that n times it is exact.
      let r = (x - n * 0.693_359_375) + n * 2.121_944_4e-4
      // The polynomial of degree 5 closest to (exp(r) - 1) / r for |r| <= ln 2 / 2, off by 1.1e-8 at most.
      let low = 0.166_665_053 + r * (0.041_666_465 + r * (0.008_369_148_5 + r * 0.001_393_364_1))
      excess = r * (1 + r * (0.5 + r * low))
    }
  }
}
