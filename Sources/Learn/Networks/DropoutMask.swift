internal import Numerics
internal import Vocabulary

/// Draws what dropout multiplies values with (Srivastava et al. 2014): 0 for a share of them, and 1 / (1 - share) for the
/// others, so that the expected sum stays.
///
/// Eight streams of xorshift32 (Marsaglia 2003) side by side, seeded by the network's generator: 11 million draws for one
/// batch of the largest model, which one after another would take as long as a tenth of its products.
final class DropoutMask {
  private typealias Lanes = SIMD8<UInt32>

  private let kept: Float
  /// Draws below it, of 24 bits, are dropped.
  private let threshold: UInt32
  private var state = Lanes()

  init(_ share: Float, random: inout SplitMix64) {
    precondition(share >= 0 && share < 1, "dropout drops a share below 1")
    kept = 1 / (1 - share)
    threshold = UInt32(share * 0x1p24)
    restart(&random)
  }

  /// Draws anew, as a mask does that was just made.
  func restart(_ random: inout SplitMix64) {
    var own = SplitMix64(seed: random.next())
    // Zero is the one state that a stream never leaves.
    for lane in state.indices { state[lane] = UInt32(truncatingIfNeeded: own.next() >> 32) | 1 }
  }

  /// Fills `factors`.
  func draw(_ factors: UnsafeMutablePointer<Float>, count: Int) {
    var state = state
    let (threshold, kept) = (Lanes(repeating: threshold), SIMD8<Float>(repeating: kept))
    for index in stride(from: 0, to: count, by: 8) {
      state ^= state &<< 13
      state ^= state &>> 17
      state ^= state &<< 5
      let values = SIMD8<Float>(repeating: 0).replacing(with: kept, where: (state &>> 8) .>= threshold)
      if index + 8 <= count {
        UnsafeMutableRawPointer(factors + index).storeBytes(of: values, as: SIMD8<Float>.self)
      } else {
        for lane in 0..<(count - index) { factors[index + lane] = values[lane] }
      }
    }
    self.state = state
  }
}
