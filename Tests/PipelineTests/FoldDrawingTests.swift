import Cataloguing
import Durability
import Folding
import Foundation
import Pipeline
import Settings
import TestSupport
import Testing
import Vocabulary

/// Folds that stay from run to run.
@Suite struct FoldDrawingTests {
  private static func clip(_ number: Int) -> ClipID { ClipID(Digest(of: Data("clip \(number)".utf8))) }

  private static func clips(_ numbers: some Sequence<Int>) -> [(clip: ClipID, labels: Labels)] {
    numbers.map { (clip($0), Labels([$0 % 3 == 0, $0 % 5 == 0])) }
  }

  /// A drawing in a state directory of its own, or in one that was drawn in before.
  private static func drawing(
    in directory: URL, _ name: String, groups: [ClipID: String] = [:]
  ) throws -> FoldDrawing {
    let state = StateDirectory(BytePath(directory.appending(path: name).path))
    try Durability.makeDirectory(state.root.appending("runs"))
    return FoldDrawing(state: state, classes: try ClassList(["a", "b"]), groups: groups, seed: 1)
  }

  private static func table(in directory: URL, _ name: String) -> URL {
    directory.appending(path: "\(name)/runs/folds-4.csv")
  }

  @Test func theOrderOfArrivalBeforeTheFirstDrawDoesNotMatter() throws {
    try Scratch.with { directory in
      let forward = try Self.drawing(in: directory, "a").draw(Self.clips(0..<60), .members, count: 4)
      let backward = try Self.drawing(in: directory, "b").draw(Self.clips((0..<60).reversed()), .members, count: 4)
      #expect(forward.folds == backward.folds && forward.report.placed == 60)
      #expect(
        try Data(contentsOf: Self.table(in: directory, "a")) == Data(contentsOf: Self.table(in: directory, "b")))
    }
  }

  @Test func aClipKeepsItsFold() throws {
    try Scratch.with { directory in
      func draw(_ clips: some Sequence<Int>) throws -> FoldAssignment.Result {
        try Self.drawing(in: directory, "a").draw(Self.clips(clips), .members, count: 4)
      }
      let first = try draw(0..<40)
      let same = try draw(0..<40)
      #expect(same.folds == first.folds && same.report.kept == 40, "a draw that came to nothing is repeated")
      let later = try draw(0..<60)
      #expect(later.report.kept == 40 && later.report.placed == 20)
      #expect(first.folds.allSatisfy { later.folds[$0.key] == $0.value })
      // Clips that lose their labels and get them back.
      let fewer = try draw(50..<60)
      #expect(fewer.folds.allSatisfy { later.folds[$0.key] == $0.value })
      #expect(try draw(0..<60).folds == later.folds)
    }
  }

  @Test func purposesAndNumbersOfFoldsAreApart() throws {
    try Scratch.with { directory in
      let drawing = try Self.drawing(in: directory, "a")
      let four = try drawing.draw(Self.clips(0..<40), .members, count: 4)
      let seven = try drawing.draw(Self.clips(0..<40), .stack, count: 7)
      #expect(Set(seven.folds.values) == Set(0..<7) && seven.report.kept == 0)
      #expect(try drawing.draw(Self.clips(0..<40), .members, count: 3).report.kept == 0)
      #expect(try drawing.draw(Self.clips(0..<40), .members, count: 4).folds == four.folds)
    }
  }

  /// Lines that say nothing cost their own clips' folds, and no other's.
  @Test(arguments: ["nonsense", "abc,1", "%,9", "%,-1", "%", "%,1,2", ""])
  func damagedLinesAreDrawnAnew(_ line: String) throws {
    try Scratch.with { directory in
      let drawing = try Self.drawing(in: directory, "a")
      let first = try drawing.draw(Self.clips(0..<40), .members, count: 4)
      let table = Self.table(in: directory, "a")
      var lines = try String(contentsOf: table, encoding: .utf8).split(separator: "\n").map(String.init)
      let digest = String(lines[7].prefix { $0 != "," })
      lines[7] = line.replacing("%", with: digest)
      try lines.joined(separator: "\n").write(to: table, atomically: true, encoding: .utf8)
      let again = try drawing.draw(Self.clips(0..<40), .members, count: 4)
      #expect(again.report.kept == 39)
      #expect(first.folds.allSatisfy { $0.key.description == digest || again.folds[$0.key] == $0.value })
    }
  }

  @Test func groupsStayTogether() throws {
    try Scratch.with { directory in
      let groups = Dictionary(uniqueKeysWithValues: (0..<40).map { (Self.clip($0), "site \($0 / 4)") })
      let folds = try Self.drawing(in: directory, "a", groups: groups).draw(Self.clips(0..<40), .members, count: 4)
      for site in 0..<10 { #expect(Set((0..<4).map { folds.folds[Self.clip(site * 4 + $0)] }).count == 1) }
    }
  }
}

/// Which clips `[ensemble] groups` keeps together.
@Suite struct GroupTests {
  private static func landing(_ path: BytePath, _ clip: Int, seconds: Int64 = 0) -> Landing {
    Landing(
      root: "/clips", path: path, clip: ClipID(Digest(of: Data("\(clip)".utf8))), bytes: 1,
      modified: seconds * 1_000_000_000)
  }

  struct Case: Sendable {
    var groups: EnsembleSettings.Groups
    /// Clips that share a group; those in none are left out.
    var together: [[Int]]
  }

  @Test(arguments: [
    Case(groups: .none, together: []),
    Case(groups: .folder, together: [[0, 1, 2], [3]]),
    Case(groups: .time(gap: 60), together: [[0, 1]]),
    Case(groups: .time(gap: 1000), together: [[0, 1, 2]]),
  ])
  func clipsAreGrouped(_ example: Case) {
    let landings = [
      Self.landing("a/0.mp4", 0), Self.landing("a/1.mp4", 1, seconds: 50), Self.landing("a/2.mp4", 2, seconds: 500),
      Self.landing("b/3.mp4", 3), Self.landing("b/0.mp4", 0, seconds: 9999),
    ]
    for landings in [landings, landings.reversed()] {
      let groups = example.groups.groups(landings, captured: [:])
      let found = Dictionary(grouping: 0..<4) {
        groups[ClipID(Digest(of: Data("\($0)".utf8)))]
      }
      let together = found.filter { $0.key != nil }.values.map { $0.sorted() }.sorted { $0[0] < $1[0] }
      #expect(together == example.together)
    }
  }
}
