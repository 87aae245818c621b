internal import Vocabulary
internal import WorkUnits

/// What a filter that throws away the most probably blank clips removes, on every resample. A threshold cannot part
/// equally probable clips.
enum BlankFilterScore {
  static let className = ClassList.blank
  /// Per cent of the animal clips.
  static let limits = [1, 5, 10]

  /// - Parameters: the blank class's truth and ranking.
  /// - Returns: nil where no clip or every clip is blank.
  static func find(_ isBlank: [Bool], _ ranking: Ranking, _ resamples: Resamples) -> FullReport.BlankFilter? {
    let blanks = isBlank.count { $0 }
    let animals = isBlank.count - blanks
    guard blanks > 0 && animals > 0 else { return nil }
    var removed = [[Double]](repeating: [], count: limits.count)
    resamples.forEachBlock { weights in
      let shares = removedShares(isBlank, ranking, weights)
      for index in limits.indices { removed[index] += shares[index] }
    }
    return FullReport.BlankFilter(
      blanks: blanks, animals: animals,
      cuts: zip(limits, removed).map { limit, shares in
        FullReport.BlankFilter.Cut(
          lost: limit,
          removed: FullReport.Estimate(shares[0], Percentiles.interval(shares, clips: min(blanks, animals))))
      }, curve: curve(isBlank, ranking, blanks: blanks, animals: animals))
  }

  /// Per limit, of each resample of a block; NaN in one without blanks or without animals.
  private static func removedShares(
    _ isBlank: [Bool], _ ranking: Ranking, _ weights: UnsafePointer<UInt8>
  ) -> [[Double]] {
    let blanks = Lanes<UInt32>()
    let animals = Lanes<UInt32>()
    for (clip, isBlank) in isBlank.enumerated() {
      let own = weights + clip * Resamples.lanes
      if isBlank { blanks.add(own) } else { animals.add(own) }
    }
    let gone = Lanes<UInt32>()
    let lost = Lanes<UInt32>()
    var removed = limits.map { _ in [UInt32](repeating: 0, count: Resamples.lanes) }
    let rows = Gathered(weights, ranking.clips)
    let inOrder = ranking.clips.map { isBlank[$0] }
    var first = 0
    for end in ranking.ends {
      for place in first..<end {
        let own = rows.row(place)
        if inOrder[place] { gone.add(own) } else { lost.add(own) }
      }
      first = end
      var isOver = true
      for (index, limit) in limits.enumerated() {
        for lane in 0..<Resamples.lanes
        where UInt64(lost.start[lane]) * 100 <= UInt64(animals.start[lane]) * UInt64(limit) {
          removed[index][lane] = gone.start[lane]
          isOver = false
        }
      }
      if isOver { break }
    }
    return removed.map { removed in
      (0..<Resamples.lanes).map { lane in
        let (all, others) = (blanks.start[lane], animals.start[lane])
        return all > 0 && others > 0 ? Double(removed[lane]) / Double(all) : .nan
      }
    }
  }

  /// Steps of half a per cent.
  private static func curve(_ isBlank: [Bool], _ ranking: Ranking, blanks: Int, animals: Int) -> [Double] {
    var curve = [Double](repeating: 0, count: 201)
    var (gone, lost, first) = (0, 0, 0)
    for end in ranking.ends {
      for clip in ranking.clips[first..<end] {
        if isBlank[clip] { gone += 1 } else { lost += 1 }
      }
      first = end
      // The first step that allows this many to be lost; later ones allow it too.
      curve[(lost * 200 + animals - 1) / animals] = Double(gone) / Double(blanks)
    }
    for step in 1..<curve.count { curve[step] = max(curve[step], curve[step - 1]) }
    return curve
  }
}
