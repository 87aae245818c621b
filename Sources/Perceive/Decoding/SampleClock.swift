package import Vocabulary

/// Which frame of a clip a sample is, on one axis for all samplings: frames by their number where the rate is known, else
/// microseconds since the first frame.
package struct SampleClock: Equatable, Sendable {
  package enum Axis: Equatable, Sendable {
    /// Frames a second, as a ratio.
    case frames(Int64, Int64)
    case microseconds
  }

  package let axis: Axis

  /// By time stamps, whatever the header says.
  package static let byTime = SampleClock(average: (0, 0), base: (0, 0))

  /// - Parameters:
  ///   - average: frames a second as the container has them on average.
  ///   - base: the lowest rate that all its time stamps fit.
  package init(average: (Int64, Int64), base: (Int64, Int64)) {
    switch (Self.isPlausible(average), Self.isPlausible(base)) {
    // Rates far apart contradict each other; time stamps decide. (Fields and varying rates land here too, rightly.)
    case (true, true): axis = Self.agree(average, base) ? .frames(average.0, average.1) : .microseconds
    case (true, false): axis = .frames(average.0, average.1)
    case (false, true): axis = .frames(base.0, base.1)
    case (false, false): axis = .microseconds
    }
  }

  /// Where the samples of a sampling lie: floor(i / rate * fps), or floor(i / rate) in microseconds. Never decreasing.
  package func positions(_ sampling: Sampling) -> [Int64] {
    let (fps, per): (Int64, Int64) = if case .frames(let fps, let per) = axis { (fps, per) } else { (1_000_000, 1) }
    return (0..<sampling.frames).map { index in
      let numerator = Int128(index) * Int128(sampling.rateDenominator) * Int128(fps)
      return Int64(clamping: numerator / (Int128(sampling.rateNumerator) * Int128(per)))
    }
  }

  /// The number of the frame that begins next to `microseconds`.
  func nearestFrame(to microseconds: Int64) -> Int64 {
    guard case .frames(let fps, let per) = axis else { return microseconds }
    return Int64(clamping: (Int128(microseconds) * Int128(fps) * 2 / (1_000_000 * Int128(per)) + 1) / 2)
  }

  /// Whether a frame at `microseconds` cannot be number `index`: off by more than half a second and two frames.
  package func contradicts(frame index: Int64, at microseconds: Int64) -> Bool {
    guard case .frames(let fps, let per) = axis else { return false }
    let frame = 1e6 * Double(per) / Double(fps)
    return abs(Double(microseconds) - Double(index) * frame) > 500_000 + 2 * frame
  }

  /// From one frame in 100 seconds (time lapse) to 1000 a second; outside that a header lies.
  private static func isPlausible(_ rate: (Int64, Int64)) -> Bool {
    rate.0 > 0 && rate.1 > 0 && rate.0 <= rate.1 * 1000 && rate.1 <= rate.0 * 100
  }

  private static func agree(_ left: (Int64, Int64), _ right: (Int64, Int64)) -> Bool {
    let ratio = Double(left.0) * Double(right.1) / (Double(left.1) * Double(right.0))
    return (0.8...1.25).contains(ratio)
  }
}
