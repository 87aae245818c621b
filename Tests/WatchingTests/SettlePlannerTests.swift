import Testing
import Vocabulary
import Watching

struct SettlePlannerTests {
  /// Size and times in one number: two states are equal or not, the planner knows no more of them.
  private func state(_ number: Int64) -> FileState { FileState(bytes: number, modified: number, changed: number) }

  /// What happens to `a.mp4` at which second, and whether it must be ripe then.
  enum Step: Sendable {
    case saw(Int64, age: Double?, at: Double, ripe: Bool)
    case closed(Int64, at: Double, ripe: Bool)
    case created(Int64, at: Double)
    /// The planner must want to look now; the file looks like this.
    case due(Int64, at: Double, ripe: Bool)
    case nothingDue(at: Double)
    /// The close look finds this.
    case take(Int64, again: Bool = false)
    case hold(Int64, at: Double)
    case setAside(Int64, wasTold: Bool = false)
    case lost(told: Bool)
    case pending(Int)
  }

  struct Story: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var steps: [Step]
    init(_ name: String, _ steps: [Step]) {
      testDescription = name
      self.steps = steps
    }
  }

  @Test(arguments: [
    Story("an old file is ripe at once", [.saw(1, age: 2, at: 0, ripe: true), .take(1), .nothingDue(at: 100)]),
    Story(
      "a fresh file waits",
      [.saw(1, age: 1.9, at: 0, ripe: false), .pending(1), .nothingDue(at: 1.9), .due(1, at: 2, ripe: true), .take(1)]),
    Story(
      "where times mean nothing every file waits",
      [.saw(1, age: nil, at: 0, ripe: false), .nothingDue(at: 1.9), .due(1, at: 2, ripe: true), .take(1), .pending(0)]),
    Story(
      "a file that grows waits again",
      [
        .saw(1, age: 0, at: 0, ripe: false), .due(2, at: 2, ripe: false), .nothingDue(at: 3.9),
        .due(3, at: 4, ripe: false), .due(3, at: 6, ripe: true), .take(3), .nothingDue(at: 100),
      ]),
    Story(
      "a look between does not put it off",
      [.saw(1, age: 0, at: 0, ripe: false), .saw(1, age: 1, at: 1, ripe: false), .due(1, at: 2, ripe: true)]),
    Story(
      "a look that comes late enough needs no other",
      [.saw(1, age: 0, at: 0, ripe: false), .saw(1, age: nil, at: 2.5, ripe: true), .take(1), .nothingDue(at: 100)]),
    Story(
      "a change between does",
      [
        .saw(1, age: 0, at: 0, ripe: false), .saw(2, age: 0, at: 1, ripe: false), .nothingDue(at: 2.9),
        .due(2, at: 3, ripe: true), .take(2), .nothingDue(at: 100),
      ]),
    Story(
      "nothing is told twice",
      [
        .saw(1, age: 9, at: 0, ripe: true), .take(1), .saw(1, age: 99, at: 90, ripe: false),
        .closed(1, at: 91, ripe: false),
        .nothingDue(at: 100),
      ]),
    Story(
      "a file that is written over is told again",
      [
        .saw(1, age: 9, at: 0, ripe: true), .take(1), .saw(2, age: 0, at: 5, ripe: false), .due(2, at: 7, ripe: true),
        .take(2, again: true),
      ]),
    Story(
      "a change that is undone is none",
      [
        .saw(1, age: 9, at: 0, ripe: true), .take(1), .saw(2, age: 0, at: 5, ripe: false),
        .saw(1, age: 9, at: 6, ripe: false), .pending(0), .nothingDue(at: 100),
      ]),
    Story(
      "what goes before it settled is not told",
      [.saw(1, age: 0, at: 0, ripe: false), .lost(told: false), .pending(0), .nothingDue(at: 100)]),
    Story(
      "what goes is told once", [.saw(1, age: 9, at: 0, ripe: true), .take(1), .lost(told: true), .lost(told: false)]),
    Story(
      "what comes back is told",
      [.saw(1, age: 9, at: 0, ripe: true), .take(1), .lost(told: true), .saw(1, age: 9, at: 1, ripe: true)]),
    Story("nobody has seen it", [.lost(told: false), .nothingDue(at: 0)]),
    Story(
      "who writes is waited for, ever more patiently, and holds up nobody",
      [
        .saw(1, age: 0, at: 0, ripe: false), .pending(1), .due(1, at: 2, ripe: true), .hold(1, at: 2), .pending(0),
        .nothingDue(at: 3.9), .due(1, at: 4, ripe: true), .hold(1, at: 4), .nothingDue(at: 7.9),
        .due(1, at: 8, ripe: true), .hold(1, at: 8), .nothingDue(at: 15.9), .closed(1, at: 16, ripe: true), .take(1),
        .nothingDue(at: 1000),
      ]),
    Story(
      "nobody is looked for less than once a minute",
      [.saw(1, age: 9, at: 0, ripe: true)] + (0..<20).map { .hold(1, at: 100 * Double($0)) }
        + [.nothingDue(at: 1959), .due(1, at: 1960, ripe: true)]),
    Story(
      "what was closed after its last change settles from there",
      [
        .created(1, at: 0), .pending(0), .due(1, at: 2, ripe: true), .hold(1, at: 2), .closed(2, at: 3, ripe: false),
        .pending(1), .nothingDue(at: 4.9), .due(2, at: 5, ripe: true), .take(2), .pending(0),
      ]),
    Story(
      "what is set aside is looked at closely whenever it is seen, and waited for no more",
      [
        .saw(1, age: 9, at: 0, ripe: true), .setAside(1), .pending(0), .nothingDue(at: 100),
        .saw(1, age: 9, at: 100, ripe: true), .setAside(1), .saw(2, age: 0, at: 200, ripe: false),
        .due(2, at: 202, ripe: true), .take(2),
      ]),
    Story(
      "what was told and cannot be taken any more is taken back",
      [
        .saw(1, age: 9, at: 0, ripe: true), .take(1), .saw(2, age: 9, at: 5, ripe: true), .setAside(2, wasTold: true),
        .lost(told: false),
      ]),
  ]) func stories(story: Story) {
    var planner = SettlePlanner(settle: 2)
    for (number, step) in story.steps.enumerated() {
      switch step {
      case .saw(let state, let age, let now, let ripe):
        #expect(planner.saw("a.mp4", self.state(state), age: age, now: now) == ripe, "step \(number)")
      case .closed(let state, let now, let ripe):
        #expect(planner.saw("a.mp4", self.state(state), age: 0, isClosed: true, now: now) == ripe, "step \(number)")
      case .created(let state, let now):
        #expect(planner.saw("a.mp4", self.state(state), age: 0, isOpen: true, now: now) == false, "step \(number)")
      case .due(let state, let now, let ripe):
        #expect(planner.takeDue(now: now) == ["a.mp4"], "step \(number)")
        #expect(planner.recheck("a.mp4", self.state(state), now: now) == ripe, "step \(number)")
      case .nothingDue(let now): #expect(planner.takeDue(now: now).isEmpty, "step \(number)")
      case .take(let state, let again):
        #expect(planner.take("a.mp4", self.state(state)) == again, "step \(number)")
        #expect(planner.hasTold("a.mp4"))
      case .hold(let state, let now): planner.hold("a.mp4", self.state(state), now: now)
      case .setAside(let state, let wasTold):
        #expect(planner.setAside("a.mp4", self.state(state)) == wasTold, "step \(number)")
        #expect(!planner.hasTold("a.mp4"))
      case .lost(let told): #expect(planner.lost("a.mp4") == told, "step \(number)")
      case .pending(let count): #expect(planner.pendingCount == count, "step \(number)")
      }
    }
  }

  /// Permissions and links change a file's inode, not what is in it; a write that hides behind the old time does both.
  @Test func onlyAClosingTellsAWriteThatKeptSizeAndTime() {
    var planner = SettlePlanner(settle: 2)
    let old = FileState(bytes: 1, modified: 1, changed: 1, inode: 7)
    let touched = FileState(bytes: 1, modified: 1, changed: 2, inode: 7)
    _ = planner.take("a", old)
    #expect(planner.saw("a", touched, age: 9, now: 0) == false)
    #expect(planner.saw("a", touched, age: 9, isClosed: true, now: 0) == false, "it was only opened")
    #expect(
      planner.saw("a", FileState(bytes: 1, modified: 1, changed: 3, inode: 7), age: 9, isClosed: true, now: 0) == true)
    #expect(
      planner.saw("a", FileState(bytes: 1, modified: 1, changed: 2, inode: 8), age: 9, now: 0) == true, "another file")
  }

  @Test func dueFilesComeInOrderAndTheNextMomentIsKnown() {
    var planner = SettlePlanner(settle: 2)
    for (path, now) in [("c", 0.0), ("a", 1), ("b", 0)] { _ = planner.saw(BytePath(path), state(1), age: 0, now: now) }
    #expect(planner.nextDue == 2 && planner.pendingCount == 3)
    #expect(planner.takeDue(now: 3) == ["a", "b", "c"])
    #expect(planner.recheck("nobody", state(1), now: 3) == false)
  }

  @Test func whatALookDidNotSeeIsNamed() {
    var planner = SettlePlanner(settle: 2)
    planner.beginLook()
    for path in ["d/c", "d/a", "b"] as [BytePath] { _ = planner.take(path, state(1)) }
    _ = planner.setAside("empty", state(0))
    _ = planner.saw("fresh", state(1), age: 0, now: 0)
    #expect(planner.unseen().isEmpty)
    planner.beginLook()
    _ = planner.saw("b", state(1), age: 9, now: 1)
    #expect(planner.unseen() == ["d/a", "d/c", "empty"])
    #expect(planner.known { $0.bytes.first == UInt8(ascii: "d") } == ["d/a", "d/c"])
  }
}
