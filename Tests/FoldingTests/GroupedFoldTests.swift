import Folding
import Foundation
import Testing
import Vocabulary

@Suite struct GroupedFoldTests {
  static let classes = 4

  static func classList(_ count: Int) throws -> ClassList { try ClassList((0..<count).map { "class \($0)" }) }

  /// Clips in groups of drawn sizes, one class each, the last one rare; every fifth clip stands alone.
  static func clips(_ count: Int, largest: Int, seed: UInt64 = 8) -> [FoldClip] {
    var random = SplitMix64(seed: seed)
    var clips: [FoldClip] = []
    var group = 0
    while clips.count < count {
      let size = min(random.below(largest) + 1, count - clips.count)
      let own = random.below(20) < 17 ? random.below(classes - 1) : classes - 1
      for _ in 0..<size {
        let index = random.below(10) < 8 ? own : random.below(classes)
        clips.append(
          FoldClip(
            clip: FoldAssignmentTests.clip(clips.count), labels: Labels((0..<classes).map { $0 == index }),
            group: clips.count % 5 == 0 ? nil : "group \(group)"))
      }
      group += 1
    }
    return clips
  }

  private static func foldsOfGroups(_ clips: [FoldClip], _ folds: [ClipID: Int]) -> [String: Set<Int>] {
    var groups: [String: Set<Int>] = [:]
    for clip in clips {
      if let group = clip.group, let fold = folds[clip.clip] { groups[group, default: []].insert(fold) }
    }
    return groups
  }

  @Test(arguments: [(400, 3, 5), (400, 12, 5), (90, 6, 3), (30, 30, 5), (12, 2, 10)])
  func groupsAreNeverSplit(_ count: Int, _ largest: Int, _ folds: Int) throws {
    let clips = Self.clips(count, largest: largest)
    let result = FoldAssignment.assign(clips, classes: try Self.classList(4), folds: folds, seed: 1)
    #expect(result.folds.count == count)
    #expect(Self.foldsOfGroups(clips, result.folds).values.allSatisfy { $0.count == 1 })
    #expect(result.report.splitGroups.isEmpty && result.report.sizes.reduce(0, +) == count)
  }

  @Test(arguments: [3, 8, 16]) func foldsOfGroupsAreStillStratified(_ largest: Int) throws {
    let clips = Self.clips(1000, largest: largest)
    let report = FoldAssignment.assign(clips, classes: try Self.classList(4), folds: 5, seed: 1).report
    for counted in report.classes.map(\.counts) + [report.sizes] {
      let share = Double(counted.reduce(0, +)) / 5
      // A whole group more or less is what cannot be helped.
      #expect(counted.allSatisfy { abs(Double($0) - share) <= Double(largest) }, "\(counted)")
    }
  }

  @Test func clipsThatStandAloneAreDrawnAsWithoutGroups() throws {
    let labels = FoldAssignmentTests.clips(300, positives: [150, 4, 60])
    let alone = labels.map { FoldClip(clip: $0.0, labels: $0.1, group: "of \($0.0)") }
    let result = FoldAssignment.assign(alone, classes: try Self.classList(3), folds: 5, seed: 9)
    #expect(result.folds == FoldAssignment.assign(labels: labels, folds: 5, seed: 9))
  }

  @Test func theOrderOfTheClipsIsWithoutEffect() throws {
    let clips = Self.clips(300, largest: 7)
    let classes = try Self.classList(4)
    let result = FoldAssignment.assign(clips, classes: classes, folds: 5, seed: 3)
    for seed: UInt64 in [1, 2, 3] {
      var random = SplitMix64(seed: seed)
      var shuffled = clips
      random.shuffle(&shuffled)
      let again = FoldAssignment.assign(shuffled, classes: classes, folds: 5, seed: 3)
      #expect(again.folds == result.folds && again.report == result.report)
    }
  }
}

@Suite struct StableFoldTests {
  @Test func clipsKeepTheirFoldsWhenOthersArrive() throws {
    let all = GroupedFoldTests.clips(900, largest: 6)
    let classes = try GroupedFoldTests.classList(4)
    var known: [ClipID: Int] = [:]
    for count in [100, 101, 350, 900] {
      let clips = Array(all.prefix(count))
      let result = FoldAssignment.assign(
        clips, classes: classes, folds: 5, seed: 1, earlier: EarlierFolds(count: 5, folds: known))
      #expect(known.allSatisfy { result.folds[$0.key] == $0.value })
      #expect(result.report.kept == known.count && result.report.placed == count - known.count)
      #expect(result.report.splitGroups.isEmpty)
      for counted in result.report.classes.map(\.counts) + [result.report.sizes] where count > 200 {
        let share = Double(counted.reduce(0, +)) / 5
        #expect(counted.allSatisfy { abs(Double($0) - share) <= 8 }, "\(count): \(counted)")
      }
      known = result.folds
    }
  }

  @Test func newClipsFillWhatIsLacking() throws {
    // Fold 0 got all of the first class; the new ones of it go to the others.
    let labels = FoldAssignmentTests.clips(40, positives: [40])
    let old = Dictionary(uniqueKeysWithValues: labels.prefix(8).map { ($0.0, 0) })
    let result = FoldAssignment.assign(
      labels.map { FoldClip(clip: $0.0, labels: $0.1) }, classes: try GroupedFoldTests.classList(1), folds: 5, seed: 1,
      earlier: EarlierFolds(count: 5, folds: old))
    #expect(result.report.sizes == [8, 8, 8, 8, 8])
  }

  @Test func theOrderInWhichNewClipsComeIsWithoutEffect() throws {
    let all = GroupedFoldTests.clips(300, largest: 5)
    let classes = try GroupedFoldTests.classList(4)
    let first = FoldAssignment.assign(Array(all.prefix(120)), classes: classes, folds: 5, seed: 1).folds
    let earlier = EarlierFolds(count: 5, folds: first)
    let result = FoldAssignment.assign(all, classes: classes, folds: 5, seed: 1, earlier: earlier)
    let backwards = FoldAssignment.assign(all.reversed(), classes: classes, folds: 5, seed: 1, earlier: earlier)
    #expect(result.folds == backwards.folds)
  }

  @Test func aNewClipGoesToItsGroup() throws {
    let labels = FoldAssignmentTests.clips(6, positives: [6])
    var clips = labels.map { FoldClip(clip: $0.0, labels: $0.1) }
    for index in [0, 1, 5] { clips[index].group = "a" }
    let old = [clips[0].clip: 2, clips[1].clip: 2, clips[2].clip: 0, clips[3].clip: 0]
    let result = FoldAssignment.assign(
      clips, classes: try GroupedFoldTests.classList(1), folds: 3, seed: 1,
      earlier: EarlierFolds(count: 3, folds: old))
    #expect(result.folds[clips[5].clip] == 2 && result.folds[clips[4].clip] == 1)
  }

  /// A new clip may turn out to stand between two runs that are in different folds.
  @Test func whatWasSplitBeforeItWasAGroupStaysAndIsReported() throws {
    let labels = FoldAssignmentTests.clips(4, positives: [4])
    let clips = labels.map { FoldClip(clip: $0.0, labels: $0.1, group: "bridged") }
    let old = [clips[0].clip: 1, clips[1].clip: 3, clips[2].clip: 3]
    let result = FoldAssignment.assign(
      clips, classes: try GroupedFoldTests.classList(1), folds: 5, seed: 1,
      earlier: EarlierFolds(count: 5, folds: old))
    #expect(old.allSatisfy { result.folds[$0.key] == $0.value } && result.folds[clips[3].clip] == 3)
    #expect(result.report.splitGroups.map(\.counts) == [[0, 1, 0, 3, 0]])
    #expect(result.report.remarks.contains { $0.contains("bridged was in folds 2, 4") })
  }

  @Test func foldsOfAnotherNumberAreDrawnAnew() throws {
    let labels = FoldAssignmentTests.clips(100, positives: [50])
    let clips = labels.map { FoldClip(clip: $0.0, labels: $0.1) }
    let classes = try GroupedFoldTests.classList(1)
    let five = FoldAssignment.assign(clips, classes: classes, folds: 5, seed: 1).folds
    let ten = FoldAssignment.assign(
      clips, classes: classes, folds: 10, seed: 1, earlier: EarlierFolds(count: 5, folds: five))
    #expect(ten.report.kept == 0 && ten.report.sizes == Array(repeating: 10, count: 10))
    #expect(EarlierFolds(count: 2, folds: five) == nil)
  }
}

@Suite struct FoldReportTests {
  private static func report(_ positives: [Int], clips: Int, folds: Int = 5) throws -> FoldReport {
    FoldAssignment.assign(
      FoldAssignmentTests.clips(clips, positives: positives).map { FoldClip(clip: $0.0, labels: $0.1) },
      classes: try GroupedFoldTests.classList(positives.count), folds: folds, seed: 1
    ).report
  }

  @Test func aClassWithFewerClipsThanFoldsIsNamed() throws {
    let report = try Self.report([50, 3, 1, 0], clips: 100)
    #expect(report.classes[1].counts.sorted() == [0, 0, 1, 1, 1] && report.classes[1].missing.count == 2)
    #expect(report.classes[3].positives == 0)
    let remarks = report.remarks
    #expect(remarks.count == 3, "\(remarks)")
    #expect(remarks.contains { $0.hasPrefix("class 1: 3 clips for 5 folds; none in fold ") })
    #expect(remarks.contains { $0.hasPrefix("class 2: all it has, 1 clip, is in fold ") })
    #expect(remarks.contains("no labelled clip has: class 3"))
  }

  @Test func aGroupLargerThanAFoldsShareIsNamed() throws {
    var clips = FoldAssignmentTests.clips(50, positives: [25]).map { FoldClip(clip: $0.0, labels: $0.1) }
    for index in 0..<30 { clips[index].group = index < 20 ? "waterhole" : "ridge" }
    let report = FoldAssignment.assign(clips, classes: try GroupedFoldTests.classList(1), folds: 5, seed: 1).report
    #expect(report.largeGroups.map(\.name) == ["waterhole"] && report.largeGroups.map(\.clips) == [20])
    #expect(report.sizes.max() == 20 && report.sizes.min() == 6)
    #expect(report.remarks.contains { $0.contains("waterhole has 20 clips, more than a fold's share of 10") })
  }

  @Test func goodFoldsNeedNoRemark() throws {
    #expect(try Self.report([50, 10], clips: 100).remarks.isEmpty)
    #expect(try Self.report([1], clips: 3, folds: 1).remarks.isEmpty)
    #expect(try Self.report([0], clips: 0).remarks.isEmpty)
  }
}
