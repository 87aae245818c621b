/// What the ranking of one class's clips says, on every resample.
///
/// * Average precision: the sum over thresholds of precision times the recall that is won there, each run of equally
///   probable clips being one threshold. No line is drawn between thresholds: between points of a precision-recall curve
///   it would promise what no threshold reaches (Davis and Goadrich 2006, "The relationship between Precision-Recall and
///   ROC curves").
/// * ROC AUC: the probability that a clip with the class is ranked above one without, equals counting half (Hanley and
///   McNeil 1982, "The meaning and use of the area under a ROC curve").
/// * Expected calibration error (Naeini, Cooper and Hauskrecht 2015, "Obtaining well calibrated probabilities using
///   Bayesian binning"): over ten bins of equal width, the mean distance of the mean probability from the share that came
///   true, weighted by the bins' clips. A resample adds noise to every bin, so the interval may lie above the error.
struct RankScores {
  /// Of each resample. NaN where not defined.
  var averagePrecision: [Double] = []
  var area: [Double] = []
  /// Per bin, of each resample: the sum of probability minus truth.
  var gaps = [[Double]](repeating: [], count: Bins.count)

  /// - Parameters: one class's probabilities and truth, and the probabilities' ranking.
  init(_ values: [Double], _ truth: [Bool], _ ranking: Ranking, _ resamples: Resamples) {
    let steps = RankSteps(values, truth, ranking)
    resamples.forEachBlock { weights in
      var walk = RankWalk()
      let rows = Gathered(weights, ranking.clips)
      var (first, bin) = (0, Bins.count - 1)
      for run in steps.runs {
        while bin > run.bin {
          gaps[bin] += walk.takeGap()
          bin -= 1
        }
        walk.step(steps, first..<run.end, wins: run.wins, rows)
        first = run.end
      }
      for bin in (0...bin).reversed() { gaps[bin] += walk.takeGap() }
      averagePrecision += walk.averagePrecision
      area += walk.area
    }
  }
}

/// A ranking's clips in their order, so that every block's walk reads from one end to the other: looked up clip by clip,
/// most of the time went by in waiting for memory.
private struct RankSteps {
  struct Run {
    var end: Int
    var bin: Int
    /// Whether a clip of it has the class.
    var wins: Bool
  }

  let truth: [Bool]
  /// Probability minus truth.
  let gap: [Float]
  let runs: [Run]

  init(_ values: [Double], _ truth: [Bool], _ ranking: Ranking) {
    self.truth = ranking.clips.map { truth[$0] }
    gap = ranking.clips.map { Float(values[$0] - (truth[$0] ? 1 : 0)) }
    var runs: [Run] = []
    runs.reserveCapacity(ranking.ends.count)
    var first = 0
    for end in ranking.ends {
      runs.append(
        Run(end: end, bin: Bins.index(values[ranking.clips[first]]), wins: self.truth[first..<end].contains(true)))
      first = end
    }
    self.runs = runs
  }
}

/// One block's way down a ranking.
private struct RankWalk: ~Copyable {
  /// Clips with and without the class so far.
  private let with = Lanes<UInt32>()
  private let without = Lanes<UInt32>()
  private let withBefore = Lanes<UInt32>()
  private let withoutBefore = Lanes<UInt32>()
  /// Precision times clips won, and pairs in the wrong order.
  private let won = Lanes<Double>()
  private let wrong = Lanes<Double>()
  private let gaps = Lanes<Double>()
  private let few = Lanes<Float>()

  /// Values in `few`.
  private var waiting = 0

  mutating func step(_ steps: borrowing RankSteps, _ run: Range<Int>, wins: Bool, _ rows: borrowing Gathered) {
    if wins {
      withBefore.copy(with)
      withoutBefore.copy(without)
    }
    for place in run {
      let own = rows.row(place)
      if steps.truth[place] { with.add(own) } else { without.add(own) }
      few.add(own, times: steps.gap[place])
      waiting += 1
      if waiting == Lanes<Float>.flushInterval { flush() }
    }
    if wins { win() }
  }

  /// At the end of a run that has clips with the class.
  private func win() {
    for lane in 0..<Resamples.lanes {
      let own = Double(with.start[lane] - withBefore.start[lane])
      let (with, without) = (Double(with.start[lane]), Double(without.start[lane]))
      if own > 0 { won.start[lane] += own * with / (with + without) }
      wrong.start[lane] += own * (without + Double(withoutBefore.start[lane])) / 2
    }
  }

  private mutating func flush() {
    few.flush(to: gaps)
    waiting = 0
  }

  /// The gap since this was last asked for.
  mutating func takeGap() -> [Double] {
    flush()
    defer { gaps.clear() }
    return gaps.values
  }

  var averagePrecision: [Double] {
    (0..<Resamples.lanes).map { with.start[$0] > 0 ? won.start[$0] / Double(with.start[$0]) : .nan }
  }

  var area: [Double] {
    (0..<Resamples.lanes).map { lane in
      let pairs = Double(with.start[lane]) * Double(without.start[lane])
      return pairs > 0 ? 1 - wrong.start[lane] / pairs : .nan
    }
  }
}
