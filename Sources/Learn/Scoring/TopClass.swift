internal import WorkUnits

/// Each clip's most probable class (the first of equals), and whether it is one of the clip's own.
struct TopClass {
  let top: [Int]
  private let truth: [[Bool]]

  /// - Parameters:
  ///   - columns: [classes][clips]; at least one class.
  ///   - truth: [classes][clips].
  init(_ columns: [[Double]], _ truth: [[Bool]]) {
    self.truth = truth
    top = columns[0].indices.map { clip in
      columns.indices.reduce(0) { columns[$1][clip] > columns[$0][clip] ? $1 : $0 }
    }
  }

  /// See `FullReport.Model.confusion`.
  var confusion: [[Int]] {
    var counts = [[Int]](repeating: [Int](repeating: 0, count: truth.count), count: truth.count + 1)
    for (clip, top) in top.enumerated() {
      let own = truth.indices.filter { truth[$0][clip] }
      if truth[top][clip] {
        counts[top][top] += 1
      } else {
        for row in own.isEmpty ? [truth.count] : own { counts[row][top] += 1 }
      }
    }
    return counts
  }

  /// Share of the clips whose top class is one of theirs.
  func share(_ resamples: Resamples) -> FullReport.Estimate {
    let hits = top.indices.map { clip -> Float in truth[top[clip]][clip] ? 1 : 0 }
    let shares = resamples.sums(hits).map { $0 / Double(top.count) }
    return FullReport.Estimate(shares[0], Percentiles.interval(shares, clips: top.count))
  }

  /// Of the clips with a class, the share where it is the top one.
  func share(of index: Int, _ resamples: Resamples) -> FullReport.Estimate? {
    let clips = top.indices.filter { truth[index][$0] }
    if clips.isEmpty { return nil }
    let all = resamples.sums(Array(repeating: 1, count: clips.count), of: clips)
    let hits = resamples.sums(clips.map { top[$0] == index ? 1 : 0 }, of: clips)
    let shares = zip(hits, all).map { $1 > 0 ? $0 / $1 : .nan }
    return FullReport.Estimate(shares[0], Percentiles.interval(shares, clips: clips.count))
  }
}
