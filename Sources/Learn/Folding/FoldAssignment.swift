package import Vocabulary

/// Multi-label iterative stratification (Sechidis, Tsoumakas, Vlahavas 2011, "On the stratification of multi-label
/// data"): every fold gets its share of every class's positives, the rarest class first.
package enum FoldAssignment {
  /// Draws a fold for every clip.
  ///
  /// - Parameters:
  ///   - labels: each clip once, in any order: the result depends on the set alone. At least one class.
  ///   - folds: how many; at least 1.
  /// - Returns: a fold in `0..<folds` for each clip of `labels`. With fewer positives of a class than folds, some folds
  ///   have none: nothing can be done about that.
  package static func assign(
    labels: [(ClipID, Labels)], folds: Int, seed: UInt64
  ) -> [ClipID: Int] {
    let clips = labels.sorted { $0.0 < $1.0 }
    var draw = Draw(clips.map(\.1), folds: folds, seed: seed)
    draw.drawAll()
    var assignment: [ClipID: Int] = [:]
    for (index, clip) in clips.enumerated() { assignment[clip.0] = draw.folds[index] }
    return assignment
  }
}

/// The algorithm's state: what each fold still wants.
private struct Draw {
  /// Fold of each clip; nil until drawn.
  private(set) var folds: [Int?]
  private let labels: [[Int]]
  /// Per class, the clips that have it.
  private let members: [[Int]]
  /// Per class, its clips without a fold.
  private var open: [Int]
  /// Per fold, how many more clips it wants, of each class and in all.
  private var wantedOf: [[Double]]
  private var wanted: [Double]
  private var random: SplitMix64

  init(_ labels: [Labels], folds count: Int, seed: UInt64) {
    let classes = labels.first?.present.count ?? 0
    let present = labels.map { labels in labels.present.indices.filter { labels.present[$0] } }
    var members = [[Int]](repeating: [], count: classes)
    for (clip, classes) in present.enumerated() { for index in classes { members[index].append(clip) } }
    self.labels = present
    self.members = members
    folds = [Int?](repeating: nil, count: labels.count)
    open = members.map(\.count)
    wantedOf = Array(repeating: members.map { Double($0.count) / Double(count) }, count: count)
    wanted = Array(repeating: Double(labels.count) / Double(count), count: count)
    random = SplitMix64(seed: seed)
  }

  private mutating func put(_ clip: Int, into fold: Int) {
    folds[clip] = fold
    wanted[fold] -= 1
    for index in labels[clip] {
      open[index] -= 1
      wantedOf[fold][index] -= 1
    }
  }

  mutating func drawAll() {
    // The rarest of the classes that still have clips to give; the first of equals.
    while let rarest = open.indices.filter({ open[$0] > 0 }).min(by: { open[$0] < open[$1] }) {
      for clip in members[rarest] where folds[clip] == nil { put(clip, into: fold(for: rarest)) }
    }
    for clip in folds.indices where folds[clip] == nil { put(clip, into: fold(for: nil)) }
  }

  /// The fold that wants the class most; of those the one that wants clips most; of those any.
  private mutating func fold(for index: Int?) -> Int {
    var best = Array(wanted.indices)
    if let index {
      let most = best.map { wantedOf[$0][index] }.max() ?? 0
      best = best.filter { wantedOf[$0][index] == most }
    }
    let most = best.map { wanted[$0] }.max() ?? 0
    best = best.filter { wanted[$0] == most }
    return best.count == 1 ? best[0] : best[random.below(best.count)]
  }
}
