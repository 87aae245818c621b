internal import Vocabulary

/// What the facts of a clip may be: far beyond what cameras write, and small enough to be computed with. The decoder keeps
/// to them whatever a header claims; one that does not is not believed.
package enum FactLimits {
  /// 8K, which no camera trap has.
  package static let pixels: Int64 = 40_000_000
  /// A year at 30 frames a second.
  package static let frames = 1_000_000_000
  /// Four months.
  package static let seconds = 1e7
  /// Bits a second.
  package static let bitRate: Int64 = 1_000_000_000_000
  /// Time stamps count microseconds, and two frames have two of them.
  static let frameRate = 1e7
  /// 1970 to 9999, with a leap second.
  static let captured: ClosedRange<Int64> = 0...253_402_300_800

  /// False for what is no number, too.
  static func allow(_ facts: ClipFacts) -> Bool {
    let sides = 1...Int(pixels)
    return sides.contains(facts.width) && sides.contains(facts.height)
      && Int64(facts.width) * Int64(facts.height) <= pixels && (1...frames).contains(facts.decodedFrames)
      && (facts.frameCount.map { (1...frames).contains($0) } ?? true)
      && facts.frameRate > 0 && facts.frameRate <= frameRate && facts.duration >= 0 && facts.duration <= seconds
      && (facts.bitRate.map { (1...bitRate).contains($0) } ?? true)
      && (facts.captured.map(captured.contains) ?? true)
  }
}
