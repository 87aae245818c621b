import Folding
import Foundation
import Testing
import Vocabulary

@Suite struct FoldAssignmentTests {
  static func clip(_ index: Int) -> ClipID { ClipID(Digest(of: Data("\(index)".utf8))) }

  /// Clips with the given numbers of positives, some with two classes, the rest with none.
  static func clips(_ count: Int, positives: [Int]) -> [(ClipID, Labels)] {
    var present = [[Bool]](repeating: Array(repeating: false, count: positives.count), count: count)
    var random = SplitMix64(seed: 3)
    for (index, wanted) in positives.enumerated() {
      var clips = Array(0..<count)
      random.shuffle(&clips)
      for clip in clips.prefix(wanted) { present[clip][index] = true }
    }
    return present.enumerated().map { (clip($0), Labels($1)) }
  }

  /// Clips of each fold, of one class or in all.
  static func counts(
    _ clips: [(ClipID, Labels)], _ folds: [ClipID: Int], class index: Int?, of count: Int
  ) -> [Int] {
    let counted = index.map { index in clips.filter { $0.1.present[index] } } ?? clips
    return (0..<count).map { fold in counted.count { folds[$0.0] == fold } }
  }

  struct Case: Sendable {
    var clips: Int
    var positives: [Int]
    var folds: Int
  }

  @Test(arguments: [
    Case(clips: 200, positives: [120, 2, 9, 40, 5], folds: 5),
    Case(clips: 81, positives: [48, 3, 7, 7, 1, 0], folds: 5),
    Case(clips: 10, positives: [10], folds: 5), Case(clips: 12, positives: [0, 0], folds: 4),
    Case(clips: 1000, positives: [600, 100, 100, 6, 105, 1, 1, 8], folds: 10),
  ])
  func everyFoldHasItsShareOfEveryClass(_ example: Case) {
    let clips = Self.clips(example.clips, positives: example.positives)
    let folds = FoldAssignment.assign(labels: clips, folds: example.folds, seed: 1)
    #expect(folds.count == clips.count && folds.values.allSatisfy { (0..<example.folds).contains($0) })
    for index in example.positives.indices {
      let counts = Self.counts(clips, folds, class: index, of: example.folds)
      let share = Double(example.positives[index]) / Double(example.folds)
      // Two classes in one clip may pull two ways, by a clip or so.
      #expect(counts.allSatisfy { abs(Double($0) - share) < 2.5 }, "class \(index): \(counts)")
      if example.positives[index] <= example.folds { #expect((counts.max() ?? 0) <= 2, "class \(index): \(counts)") }
    }
    let sizes = Self.counts(clips, folds, class: nil, of: example.folds)
    #expect(sizes.allSatisfy { abs(Double($0) - Double(example.clips) / Double(example.folds)) <= 3 }, "\(sizes)")
  }

  @Test func theResultDependsOnTheSetOfClipsAlone() {
    let clips = Self.clips(150, positives: [80, 4, 30])
    let folds = FoldAssignment.assign(labels: clips, folds: 5, seed: 1)
    let backwards = FoldAssignment.assign(labels: clips.reversed(), folds: 5, seed: 1)
    #expect(backwards.allSatisfy { folds[$0.key] == $0.value } && backwards.count == folds.count)
    let other = FoldAssignment.assign(labels: clips, folds: 5, seed: 2)
    #expect(other.count { folds[$0.key] != $0.value } > 50)
  }

  @Test func thereMayBeFewClipsOrNone() {
    #expect(FoldAssignment.assign(labels: [], folds: 5, seed: 1).isEmpty)
    let few = FoldAssignment.assign(labels: Self.clips(3, positives: [3, 1]), folds: 5, seed: 1)
    #expect(Set(few.values).count == 3)
    let one = FoldAssignment.assign(labels: Self.clips(7, positives: [3]), folds: 1, seed: 1)
    #expect(Set(one.values) == [0])
  }
}
