/// A small seeded generator (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators"): the same seed
/// gives the same numbers on every machine, which the system's generator does not promise.
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Uniform in [0, 1), with 24 random bits.
  package mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// Uniform in 0..<bound without bias that matters below 2^32 (multiply-shift).
  package mutating func below(_ bound: Int) -> Int { Int(((next() >> 32) &* UInt64(bound)) >> 32) }

  /// Fisher-Yates, written out because the standard library's `shuffle` may change its use of a generator.
  package mutating func shuffle<Element>(_ elements: inout [Element]) {
    guard elements.count > 1 else { return }
    for index in stride(from: elements.count - 1, through: 1, by: -1) { elements.swapAt(index, below(index + 1)) }
  }
}
