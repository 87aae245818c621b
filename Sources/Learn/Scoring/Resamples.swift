internal import Vocabulary

/// The bootstrap (Efron 1979, "Bootstrap methods: another look at the jackknife"): as many clips as there are, drawn with
/// replacement, again and again; how a number varies over the draws says how far to trust it.
///
/// A resample is kept as how often each clip was drawn. Every score then is a weighted one, and a ranking is sorted once
/// for all resamples. Resample 0 is the clips themselves, once each. All models are judged on the same resamples, so
/// differences between them are those of the same clips.
///
/// Clips are drawn singly. Neighbours in time are alike, so with them the intervals are somewhat too narrow.
package struct Resamples: Sendable {
  /// Resamples that are computed together.
  package static let lanes = 64
  private static let blocks = 4
  /// Of drawn resamples.
  package static let drawn = lanes * blocks - 1
  /// An interval from fewer clips would promise more than they know.
  static let least = 5

  let clips: Int
  /// [blocks][clips][lanes].
  private let weights: [UInt8]

  package init(clips: Int, seed: UInt64) {
    self.clips = clips
    var random = SplitMix64(seed: seed)
    var weights = [UInt8](repeating: 0, count: Self.blocks * clips * Self.lanes)
    // Counted in a small array first: draws go everywhere, and in the large one each would be a wait for memory.
    var counts = [UInt8](repeating: 1, count: clips)
    weights.withUnsafeMutableBufferPointer { weights in
      for resample in 0...Self.drawn {
        if resample > 0 { Self.draw(&counts, &random) }
        let first = Self.place(0, resample, clips)
        for clip in 0..<clips { weights[first + clip * Self.lanes] = counts[clip] }
      }
    }
    self.weights = weights
  }

  private static func draw(_ counts: inout [UInt8], _ random: inout SplitMix64) {
    for clip in counts.indices { counts[clip] = 0 }
    for _ in counts.indices {
      let clip = random.below(counts.count)
      // Of many clips none is drawn this often; of few it cannot be.
      if counts[clip] < .max { counts[clip] += 1 }
    }
  }

  /// How often a clip was drawn.
  package func weight(of clip: Int, in resample: Int) -> Int { Int(weights[Self.place(clip, resample, clips)]) }

  private static func place(_ clip: Int, _ resample: Int, _ clips: Int) -> Int {
    (resample / lanes * clips + clip) * lanes + resample % lanes
  }

  /// Calls `body` for each block with the weights of its first clip; those of clip i are `i * lanes` further.
  func forEachBlock(_ body: (UnsafePointer<UInt8>) -> Void) {
    weights.withUnsafeBufferPointer { weights in
      guard let start = weights.baseAddress, clips > 0 else { return }
      for block in 0..<Self.blocks { body(start + block * clips * Self.lanes) }
    }
  }

  /// Of each resample, the sum over its clips of a value.
  func sums(_ values: [Float]) -> [Double] { sums(values, of: values.indices) }

  /// The same over some clips only: `values[i]` is that of clip `clips[i]`.
  func sums(_ values: [Float], of clips: some Collection<Int>) -> [Double] {
    var all: [Double] = []
    forEachBlock { weights in
      let sums = Lanes<Double>()
      let few = Lanes<Float>()
      for (position, clip) in clips.enumerated() {
        few.add(weights + clip * Self.lanes, times: values[position])
        if position % Lanes<Float>.flushInterval == 0 { few.flush(to: sums) }
      }
      few.flush(to: sums)
      all += sums.values
    }
    return all
  }
}
