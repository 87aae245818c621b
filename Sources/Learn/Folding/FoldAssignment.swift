package import Vocabulary

/// A labelled clip that needs a fold.
package struct FoldClip: Sendable {
  package var clip: ClipID
  package var labels: Labels
  /// Clips of one group share a fold, so that no model is judged on what it has all but seen: a site, or a run of
  /// neighbours in time (`TimeRuns`). Nil for a clip that stands alone.
  package var group: String?

  package init(clip: ClipID, labels: Labels, group: String? = nil) {
    self.clip = clip
    self.labels = labels
    self.group = group
  }
}

/// Folds that were drawn before. They say something only of a draw of as many folds.
package struct EarlierFolds: Sendable {
  /// How many folds there were; every value of `folds` is in `0..<count`.
  package let count: Int
  package let folds: [ClipID: Int]

  /// Fails where a clip's fold is none of the `count`.
  package init?(count: Int, folds: [ClipID: Int]) {
    guard folds.values.allSatisfy({ $0 >= 0 && $0 < count }) else { return nil }
    self.count = count
    self.folds = folds
  }
}

/// Multi-label iterative stratification (Sechidis, Tsoumakas, Vlahavas 2011, "On the stratification of multi-label
/// data"): every fold gets its share of every class's positives, the rarest class first. Groups are placed whole, those
/// with most of the class first, because small ones can still even out what large ones left.
package enum FoldAssignment {
  package struct Result: Sendable {
    /// A fold in `0..<folds` for each clip that was given.
    package var folds: [ClipID: Int]
    package var report: FoldReport
  }

  /// Places the clips that have no fold yet; the others keep theirs.
  ///
  /// A clip without a fold whose group has clips with one goes to them. Where the group's clips are in several folds (two
  /// runs that a new clip made one; groups that were asked for after folds had been drawn), nobody moves, the new clip
  /// goes where most of them are, and the report says so.
  ///
  /// - Parameters:
  ///   - clips: each clip once, in any order: given the earlier folds, the result depends on the set alone. Labels are in
  ///     the order of `classes`.
  ///   - folds: how many; at least 1.
  ///   - earlier: nil, or of another number of folds, to draw all anew. Folds of clips that are not given are without
  ///     effect: keep them, and such a clip has its fold again when it comes back.
  package static func assign(
    _ clips: [FoldClip], classes: ClassList, folds: Int, seed: UInt64, earlier: EarlierFolds? = nil
  ) -> Result {
    let clips = clips.sorted { $0.clip < $1.clip }
    let kept = earlier.flatMap { $0.count == folds ? $0.folds : nil } ?? [:]
    let placed = place(clips, folds: folds, classes: classes.count, seed: seed, kept: kept)
    return Result(
      folds: Dictionary(uniqueKeysWithValues: zip(clips.map(\.clip), placed)),
      report: FoldReport(
        clips, placed, folds: folds, classes: classes.names, kept: clips.count { kept[$0.clip] != nil }))
  }

  /// Draws a fold for every clip, each for itself.
  ///
  /// - Parameter labels: each clip once, in any order: the result depends on the set alone. At least one class.
  /// - Returns: a fold in `0..<folds` for each clip of `labels`. With fewer positives of a class than folds, some folds
  ///   have none: nothing can be done about that.
  package static func assign(labels: [(ClipID, Labels)], folds: Int, seed: UInt64) -> [ClipID: Int] {
    let clips = labels.map { FoldClip(clip: $0.0, labels: $0.1) }.sorted { $0.clip < $1.clip }
    let classes = clips.first?.labels.present.count ?? 0
    let placed = place(clips, folds: folds, classes: classes, seed: seed, kept: [:])
    return Dictionary(uniqueKeysWithValues: zip(clips.map(\.clip), placed))
  }

  /// - Parameter clips: in order of clip.
  private static func place(
    _ clips: [FoldClip], folds: Int, classes: Int, seed: UInt64, kept: [ClipID: Int]
  ) -> [Int] {
    var draw = FoldDraw(clips.map(\.labels), folds: folds, classes: classes, seed: seed)
    for unit in units(clips) {
      var open: [Int] = []
      var taken = [Int](repeating: 0, count: folds)
      for clip in unit {
        if let fold = kept[clips[clip].clip] {
          draw.put([clip], into: fold)
          taken[fold] += 1
        } else {
          open.append(clip)
        }
      }
      if let most = taken.max(), most > 0, let home = taken.firstIndex(of: most) {
        draw.put(open, into: home)
      } else {
        draw.add(open)
      }
    }
    return draw.finish()
  }

  /// The clips that belong together, by index, each ascending; in order of their first clips.
  private static func units(_ clips: [FoldClip]) -> [[Int]] {
    var units: [[Int]] = []
    var places: [String: Int] = [:]
    for (index, clip) in clips.enumerated() {
      if let group = clip.group, let place = places[group] {
        units[place].append(index)
      } else {
        if let group = clip.group { places[group] = units.count }
        units.append([index])
      }
    }
    return units
  }
}
