import Control
import Testing

struct ConnectionTableTests {
  /// What happens to connections 1, 2 ...; a connection's descriptor is its number.
  enum Step: Sendable { case open(UInt), speak(UInt), ask(UInt), answered(UInt), close(UInt) }

  @Test(
    arguments: [
      ([.open(1), .open(2), .open(3)], []),
      ([.open(1), .open(2), .open(3), .open(4)], [1]),
      ([.open(1), .open(2), .open(3), .close(2), .open(4)], []),
      // One that asks stays, however old.
      ([.open(1), .ask(1), .open(2), .open(3), .open(4), .open(5)], [2, 3]),
      // One that was answered is as good as new.
      ([.open(1), .open(2), .open(3), .ask(1), .answered(1), .open(4), .open(5)], [2, 3]),
      // Where all ask, more come in, and then the one goes that has asked for longest.
      (
        [
          .open(1), .open(2), .open(3), .ask(2), .ask(1), .ask(3), .open(4), .ask(4), .open(5), .open(6),
        ], [2, 5]
      ),
      // Words that nobody has read yet keep their place.
      ([.open(1), .speak(1), .open(2), .open(3), .open(4), .open(5)], [2, 3]),
      ([.open(1), .speak(1), .open(2), .speak(2), .open(3), .speak(3), .open(4), .speak(4), .open(5)], []),
      // What went is forgotten, whatever is heard of it.
      ([.open(1), .open(2), .open(3), .open(4), .ask(1), .answered(1), .close(1), .open(5)], [1, 2]),
    ] as [([Step], [Int32])]) func whoMakesRoom(steps: [Step], gone: [Int32])
  {
    var table = ConnectionTable(limit: 3)
    var ended: [Int32] = []
    var speakers: Set<Int32> = []
    for step in steps {
      switch step {
      case .open(let key):
        let victim = table.open(key, Int32(key), isAdmitted: true) { speakers.contains($0) }
        ended += victim.map { [$0] } ?? []
      case .speak(let key): speakers.insert(Int32(key))
      case .ask(let key): _ = table.ask(key)
      case .answered(let key): table.answered(key)
      case .close(let key): table.close(key)
      }
      #expect(table.count <= 5)
    }
    #expect(ended == gone)
  }

  @Test func onlyWhoIsAdmittedIsAnswered() {
    var table = ConnectionTable(limit: 3)
    _ = table.open(1, 1, isAdmitted: true) { _ in false }
    _ = table.open(2, 2, isAdmitted: false) { _ in false }
    #expect(table.ask(1) && !table.ask(2) && !table.ask(3))
  }

  @Test(
    arguments: [
      (0, [], true), (0, [9], true), (500, [], true), (501, [], false), (501, [600], true), (501, [9, 8, 600], true),
      (501, [0], false), (65_534, [65_534], false),
    ] as [(UInt32, [UInt32], Bool)]) func whoIsAdmitted(user: UInt32, groups: [UInt32], isAdmitted: Bool)
  {
    #expect(Admission(user: 500, group: 600).admits(user: user, groups: groups) == isAdmitted)
  }

  /// In a user namespace all groups that it does not know have one number.
  @Test func theGroupThatStandsForAllOthersIsNobodys() {
    #expect(!Admission(user: 500, group: 65_534).admits(user: 501, groups: [65_534]))
  }
}
