import Testing
import Vocabulary
import Watching

struct SettlePlannerTests {
  /// Size and times in one number: two states are equal or not, the planner knows no more of them.
  private func state(_ number: Int64) -> FileState { FileState(bytes: number, modified: number, changed: number) }

  /// What happens to `a.mp4` at which second, and whether it must be told of then.
  private enum Step {
    case saw(Int64, age: Double, at: Double, told: Bool)
    /// The planner must want to look now (`due`); the file looks like this.
    case check(Int64, at: Double, told: Bool)
    case nothingDue(at: Double)
    case lost(told: Bool)
  }

  private struct Story: CustomTestStringConvertible {
    var testDescription: String
    var steps: [Step]
    init(_ name: String, _ steps: [Step]) {
      testDescription = name
      self.steps = steps
    }
  }

  @Test(arguments: [
    Story("an old file is taken at once", [.saw(1, age: 2, at: 0, told: true), .nothingDue(at: 100)]),
    Story(
      "a fresh file waits", [.saw(1, age: 1.9, at: 0, told: false), .nothingDue(at: 1.9), .check(1, at: 2, told: true)]),
    Story(
      "a file that grows waits again",
      [
        .saw(1, age: 0, at: 0, told: false), .check(2, at: 2, told: false), .nothingDue(at: 3.9),
        .check(3, at: 4, told: false), .check(3, at: 6, told: true), .nothingDue(at: 100),
      ]),
    Story(
      "a look between does not put it off",
      [.saw(1, age: 0, at: 0, told: false), .saw(1, age: 1, at: 1, told: false), .check(1, at: 2, told: true)]),
    Story(
      "a change between does",
      [
        .saw(1, age: 0, at: 0, told: false), .saw(2, age: 0, at: 1, told: false), .nothingDue(at: 2.9),
        .check(2, at: 3, told: true),
      ]),
    Story(
      "nothing is told twice",
      [.saw(1, age: 9, at: 0, told: true), .saw(1, age: 99, at: 90, told: false), .nothingDue(at: 100)]),
    Story(
      "a file that is written over is told again",
      [.saw(1, age: 9, at: 0, told: true), .saw(2, age: 0, at: 5, told: false), .check(2, at: 7, told: true)]),
    Story(
      "a change that is undone is none",
      [
        .saw(1, age: 9, at: 0, told: true), .saw(2, age: 0, at: 5, told: false), .saw(1, age: 9, at: 6, told: false),
        .nothingDue(at: 100),
      ]),
    Story(
      "what goes before it settled is not told",
      [.saw(1, age: 0, at: 0, told: false), .lost(told: false), .nothingDue(at: 100)]),
    Story("what goes is told once", [.saw(1, age: 9, at: 0, told: true), .lost(told: true), .lost(told: false)]),
    Story(
      "what comes back is told",
      [.saw(1, age: 9, at: 0, told: true), .lost(told: true), .saw(1, age: 9, at: 1, told: true)]),
    Story("nobody has seen it", [.lost(told: false), .nothingDue(at: 0)]),
  ]) private func stories(story: Story) {
    var planner = SettlePlanner(settle: 2)
    for (number, step) in story.steps.enumerated() {
      switch step {
      case .saw(let state, let age, let now, let told):
        #expect(planner.saw("a.mp4", self.state(state), age: age, now: now) == told, "step \(number)")
        #expect(planner.hasTold("a.mp4") || !told)
      case .check(let state, let now, let told):
        #expect(planner.due(now: now) == ["a.mp4"], "step \(number)")
        #expect(planner.check("a.mp4", self.state(state), now: now) == told, "step \(number)")
      case .nothingDue(let now): #expect(planner.due(now: now).isEmpty, "step \(number)")
      case .lost(let told): #expect(planner.lost("a.mp4") == told, "step \(number)")
      }
    }
  }

  @Test func dueFilesComeInOrderAndTheNextMomentIsKnown() {
    var planner = SettlePlanner(settle: 2)
    for (path, now) in [("c", 0.0), ("a", 1), ("b", 0)] { _ = planner.saw(BytePath(path), state(1), age: 0, now: now) }
    #expect(planner.nextDue == 2 && planner.pendingCount == 3)
    #expect(planner.due(now: 2) == ["b", "c"])
    #expect(planner.due(now: 3) == ["a", "b", "c"])
    let isTold = planner.check("nobody", state(1), now: 3)
    #expect(!isTold)
  }
}

struct ClipSuffixTests {
  @Test(arguments: [
    "a.mp4", "A.MP4", "Taï clip.AVI", "x.Asf", "a.b.mov", "folder.d/a.mkv", "a.mts", "a.3gp", "a.wmv", "a.webm",
  ]) func clips(name: String) { #expect(ClipSuffix.isClip(BytePath(name))) }

  @Test(arguments: [
    "a.mp4.part", ".a.mp4.Xy12Zq", "a.mp4.crdownload", "a.mp4.tmp", "a.mp4.filepart", "a.mp4~", "~a.mp4.tmp", ".a.mp4",
    "._a.mp4", "a", "mp4", ".mp4", "a.", "a.jpg", "a.csv", "a.mp4/", "", "a.mp4.", "a.mp4 ",
  ]) func others(name: String) {
    // A trailing slash is no part of a name.
    #expect(ClipSuffix.isClip(BytePath(name)) == (name == "a.mp4/"))
  }

  @Test func namesNeedNotBeUTF8() {
    #expect(ClipSuffix.isClip(BytePath(bytes: [0xEF] + Array(".avi".utf8))))
    #expect(!ClipSuffix.isClip(BytePath(bytes: Array("a.av".utf8) + [0xEF])))
  }
}
