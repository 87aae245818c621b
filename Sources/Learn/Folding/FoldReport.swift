internal import Vocabulary

/// What the folds came out as, and what no draw could help.
package struct FoldReport: Sendable, Codable, Equatable {
  package struct ClassFolds: Sendable, Codable, Equatable {
    package var name: String
    /// Clips with the class in each fold.
    package var counts: [Int]

    package var positives: Int { counts.reduce(0, +) }
    /// The folds without it, from 0. Their loss of this class says how well its absence is known, and nothing else.
    package var missing: [Int] { counts.indices.filter { counts[$0] == 0 } }
  }

  package struct LargeGroup: Sendable, Codable, Equatable {
    package var name: String
    package var clips: Int
  }

  package struct SplitGroup: Sendable, Codable, Equatable {
    package var name: String
    /// Clips of the group in each fold.
    package var counts: [Int]
  }

  /// Clips in each fold.
  package var sizes: [Int]
  package var classes: [ClassFolds]
  /// Clips that had their fold before, and clips that were given one now.
  package var kept: Int
  package var placed: Int
  /// Groups of more clips than a fold's share, the largest first: their folds are larger than the others.
  package var largeGroups: [LargeGroup]
  /// Groups whose clips had been in several folds before they were a group, by name.
  package var splitGroups: [SplitGroup]

  init(_ clips: [FoldClip], _ placed: [Int], folds: Int, classes: [String], kept: Int) {
    let none = [Int](repeating: 0, count: folds)
    sizes = none
    self.classes = classes.map { ClassFolds(name: $0, counts: none) }
    self.kept = kept
    self.placed = clips.count - kept
    var groups: [String: [Int]] = [:]
    for (clip, fold) in zip(clips, placed) {
      sizes[fold] += 1
      for (index, isPresent) in clip.labels.present.enumerated() where isPresent {
        self.classes[index].counts[fold] += 1
      }
      if let group = clip.group { groups[group, default: none][fold] += 1 }
    }
    let named = groups.sorted { $0.key < $1.key }
    splitGroups = named.filter { $0.value.count { $0 > 0 } > 1 }.map { SplitGroup(name: $0.key, counts: $0.value) }
    largeGroups = named.map { LargeGroup(name: $0.key, clips: $0.value.reduce(0, +)) }
      .filter { folds > 1 && $0.clips * folds > clips.count }
      .sorted { ($1.clips, $0.name) < ($0.clips, $1.name) }
  }

  /// What a person should know before trusting the folds, a sentence each; folds are counted from 1. Empty when every
  /// fold has every class and no group stands out.
  package var remarks: [String] {
    guard sizes.count > 1, sizes.contains(where: { $0 > 0 }) else { return [] }
    let names = { (folds: [Int]) in folds.map { String($0 + 1) }.joined(separator: ", ") }
    var remarks: [String] = []
    for scores in classes where scores.positives > 0 && !scores.missing.isEmpty {
      let clips = Words.count(scores.positives, "clip")
      if scores.missing.count == sizes.count - 1 {
        let own = scores.counts.indices.filter { scores.counts[$0] > 0 }
        remarks.append(
          "\(scores.name): all it has, \(clips), is in fold \(names(own)); the models judged there have seen none")
      } else {
        remarks.append("\(scores.name): \(clips) for \(sizes.count) folds; none in fold \(names(scores.missing))")
      }
    }
    let unseen = classes.filter { $0.positives == 0 }.map(\.name)
    if !unseen.isEmpty { remarks.append("no labelled clip has: \(unseen.joined(separator: ", "))") }
    for group in largeGroups {
      remarks.append(
        "the group \(group.name) has \(Words.count(group.clips, "clip")), more than a fold's share of "
          + "\(sizes.reduce(0, +) / sizes.count); its fold is larger than the others")
    }
    for group in splitGroups {
      let folds = group.counts.indices.filter { group.counts[$0] > 0 }
      remarks.append(
        "the group \(group.name) was in folds \(names(folds)) before it was one group; its clips stay where they were")
    }
    return remarks
  }
}
