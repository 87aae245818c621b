import Foundation
import Numerics
import Testing

/// The curves against libm's in double precision, over all that gates see.
@Suite struct CurveTests {
  struct Curve: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var ours: @Sendable (UnsafeMutablePointer<Float>, Int) -> Void
    var exact: @Sendable (Double) -> Double
    /// Where it is neither 0 nor rounded to its limit.
    var range: ClosedRange<Float>
  }

  static let curves = [
    Curve(testDescription: "exp", ours: { Vectors.exponential($0, count: $1) }, exact: { exp($0) }, range: -87...87),
    Curve(
      testDescription: "sigmoid", ours: { Vectors.sigmoid($0, count: $1) }, exact: { 1 / (1 + exp(-$0)) },
      range: -87...40
    ),
    Curve(testDescription: "tanh", ours: { Vectors.tanh($0, count: $1) }, exact: { tanh($0) }, range: -20...20),
  ]

  @Test(arguments: curves) func areWithinAMillionthOfTheExactValue(_ curve: Curve) {
    let (low, high) = (curve.range.lowerBound, curve.range.upperBound)
    var values = (0...200_000).map { low + (high - low) * Float($0) / 200_000 }
    // Near 0, where a difference of near numbers would lose digits.
    values += (0..<60).flatMap { [Float(sign: .plus, exponent: -$0, significand: 1.3), -exp2(-Float($0))] }
      .filter { curve.range.contains($0) }
    let input = values
    values.withUnsafeMutableBufferPointer { buffer in
      if let start = buffer.baseAddress { curve.ours(start, buffer.count) }
    }
    let worst = zip(input, values).map { abs(Double($1) / curve.exact(Double($0)) - 1) }.max() ?? 0
    #expect(worst < 1e-6)
  }

  @Test func staysAtItsLimitsFarOut() {
    let far: [Float] = [-.infinity, -1e30, -300, 300, 1e30, .infinity]
    #expect(apply(Vectors.tanh, far).map { $0.rounded() } == [-1, -1, -1, 1, 1, 1])
    let sigmoids = apply(Vectors.sigmoid, far)
    #expect(sigmoids[3...].allSatisfy { $0 == 1 } && sigmoids[..<3].allSatisfy { (0..<1e-37).contains($0) })
    #expect(apply(Vectors.exponential, far).allSatisfy { $0.isFinite && $0 > 0 })
  }

  @Test func noNumberStaysNone() {
    for curve in [Vectors.tanh, Vectors.sigmoid, Vectors.exponential] { #expect(apply(curve, [.nan])[0].isNaN) }
  }

  @Test func zeroIsExact() {
    #expect(apply(Vectors.tanh, [0, -0.0]) == [0, 0] && apply(Vectors.sigmoid, [0]) == [0.5])
    #expect(apply(Vectors.exponential, [0]) == [1])
  }

  private func apply(_ curve: (UnsafeMutablePointer<Float>, Int) -> Void, _ values: [Float]) -> [Float] {
    var values = values
    values.withUnsafeMutableBufferPointer { buffer in
      if let start = buffer.baseAddress { curve(start, buffer.count) }
    }
    return values
  }
}
