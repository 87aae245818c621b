package import Vocabulary
package import WorkUnits

/// Where the frames of one clip lie in shared memory: for each sampling uint8 [frames, side, side, 3], one after the
/// other in a slot, and behind them the clip's micro clip. Two slots: the next clip is decoded while networks see this one.
package struct FrameLayout: Sendable, Equatable {
  /// Distinct, in the order in which they were asked for first.
  package let samplings: [Sampling]
  package let micro: MicroFormat?
  /// A multiple of the page.
  package let slotBytes: Int

  package static let slots = 2
  package var byteCount: Int { slotBytes * Self.slots }

  private static let page = 4096
  /// 60 frames of 1600 by 1600: far above what networks take, and what a server has to spare.
  package static let slotLimit = 512 << 20

  /// - Throws: `WorkError(.input)` for samplings that are impossible or too large.
  package init(of wanted: [Sampling], micro: MicroFormat? = nil) throws {
    if let micro, !Self.isPossible(micro.sampling) || micro.sampling.side % 2 != 0 {
      throw WorkError(.failure, "\(Self.words(micro.sampling)) make no micro clip")
    }
    var samplings: [Sampling] = []
    var total = micro?.byteLimit ?? 0
    for sampling in wanted where !samplings.contains(sampling) {
      guard Self.isPossible(sampling) else {
        throw WorkError(
          .input, "\(Self.words(sampling)) cannot be sampled; correct frames, side and rate in the backbone's manifest")
      }
      samplings.append(sampling)
      total += sampling.byteCount
      guard total <= Self.slotLimit else {
        throw WorkError(
          .input,
          "the frames of one clip would need more than \(Self.slotLimit >> 20) MiB for all backbones together "
            + "(the last: \(Self.words(sampling))); use fewer backbones, or lower frames_per_clip or side in a manifest"
        )
      }
    }
    guard total > 0 else { throw WorkError(.failure, "an extract unit without a backbone has nothing to do") }
    self.samplings = samplings
    self.micro = micro
    slotBytes = (total + Self.page - 1) / Self.page * Self.page
  }

  /// Bytes of sampling number `index` in the slot.
  package func range(of index: Int, slot: Int) -> Range<Int> {
    let start = slot * slotBytes + samplings[..<index].reduce(0) { $0 + $1.byteCount }
    return start..<start + samplings[index].byteCount
  }

  /// Bytes of the micro clip in the slot, as many as it may have; empty when none is wanted.
  package func microRange(slot: Int) -> Range<Int> {
    let start = slot * slotBytes + samplings.reduce(0) { $0 + $1.byteCount }
    return start..<start + (micro?.byteLimit ?? 0)
  }

  private static func isPossible(_ sampling: Sampling) -> Bool {
    (1...100_000).contains(sampling.frames) && (1...8192).contains(sampling.side)
      && (1...1_000_000).contains(sampling.rateNumerator) && (1...1_000_000).contains(sampling.rateDenominator)
  }

  private static func words(_ sampling: Sampling) -> String {
    "\(sampling.frames) frames of \(sampling.side) by \(sampling.side) at "
      + "\(sampling.rateNumerator)/\(sampling.rateDenominator) a second"
  }
}
