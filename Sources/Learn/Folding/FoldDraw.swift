internal import Vocabulary

/// Iterative stratification under way. Every fold is to get the same share, so the fold that wants a class most is the
/// one that has fewest of it: whole numbers, without a rounding that could decide a tie.
struct FoldDraw {
  /// Clips that go to one fold together.
  private struct Unit {
    var clips: [Int]
    /// How many of the clips have each class.
    var classes: [Int: Int]
    var isPlaced = false
  }

  /// Of each clip, its classes.
  private let labels: [[Int]]
  private let classes: Int
  private var units: [Unit] = []
  private var folds: [Int]
  /// Per fold, how many clips it has, of each class and in all.
  private var placedOf: [[Int]]
  private var placed: [Int]
  private var random: SplitMix64

  init(_ labels: [Labels], folds count: Int, classes: Int, seed: UInt64) {
    precondition(count >= 1, "clips go to one fold at least")
    self.labels = labels.map { labels in
      precondition(labels.present.count == classes, "labels are those of the classes")
      return labels.present.indices.filter { labels.present[$0] }
    }
    self.classes = classes
    folds = Array(repeating: 0, count: labels.count)
    placedOf = Array(repeating: Array(repeating: 0, count: classes), count: count)
    placed = Array(repeating: 0, count: count)
    random = SplitMix64(seed: seed)
  }

  /// Clips whose fold is known.
  mutating func put(_ clips: [Int], into fold: Int) {
    for clip in clips {
      folds[clip] = fold
      placed[fold] += 1
      for index in labels[clip] { placedOf[fold][index] += 1 }
    }
  }

  /// Clips that are to be placed together.
  mutating func add(_ clips: [Int]) {
    if clips.isEmpty { return }
    var counts: [Int: Int] = [:]
    for clip in clips { for index in labels[clip] { counts[index, default: 0] += 1 } }
    units.append(Unit(clips: clips, classes: counts))
  }

  /// Places what was added; returns every clip's fold.
  mutating func finish() -> [Int] {
    /// Per class, how many clips to be placed have it, and the units that hold them.
    var open = [Int](repeating: 0, count: classes)
    var members = [[Int]](repeating: [], count: classes)
    for (unit, content) in units.enumerated() {
      for index in 0..<classes {
        guard let count = content.classes[index] else { continue }
        open[index] += count
        members[index].append(unit)
      }
    }
    // The rarest of the classes that still have clips to give; the first of equals.
    while let rarest = open.indices.filter({ open[$0] > 0 }).min(by: { open[$0] < open[$1] }) {
      for unit in largestFirst(members[rarest], of: rarest) where !units[unit].isPlaced {
        for (index, count) in units[unit].classes { open[index] -= count }
        place(unit, for: rarest)
      }
    }
    for unit in largestFirst(Array(units.indices), of: nil) where !units[unit].isPlaced { place(unit, for: nil) }
    return folds
  }

  /// Equals stay in order of their first clips.
  private func largestFirst(_ units: [Int], of index: Int?) -> [Int] {
    func key(_ unit: Int) -> (Int, Int, Int) {
      (index.map { -(self.units[unit].classes[$0] ?? 0) } ?? 0, -self.units[unit].clips.count, unit)
    }
    return units.sorted { key($0) < key($1) }
  }

  private mutating func place(_ unit: Int, for index: Int?) {
    put(units[unit].clips, into: fold(for: index))
    units[unit].isPlaced = true
  }

  /// The fold that has fewest of the class; of those the one with fewest clips; of those any.
  private mutating func fold(for index: Int?) -> Int {
    var best = Array(placed.indices)
    if let index {
      let least = best.map { placedOf[$0][index] }.min() ?? 0
      best = best.filter { placedOf[$0][index] == least }
    }
    let least = best.map { placed[$0] }.min() ?? 0
    best = best.filter { placed[$0] == least }
    return best.count == 1 ? best[0] : best[random.below(best.count)]
  }
}
