import Pipeline
import Testing
import Vocabulary
import Watching

/// The last word on each file counts, and a file that went and came back is another.
struct FolderChangesTests {
  private func arrival(_ path: BytePath, _ bytes: Int64 = 1) -> Arrival {
    Arrival(root: "/in", path: path, bytes: bytes, modified: 0)
  }

  private func words(_ changes: FolderChanges) -> [String] {
    changes.gone.map { "-\($0)" } + changes.arrivals.map { "+\($0.path) \($0.bytes)" }
  }

  @Test func nothing() { #expect(words(FolderChanges()).isEmpty) }

  @Test func arrivalsKeepTheirOrderAndTheNewestStands() {
    var changes = FolderChanges()
    for (path, bytes) in [("b", 1), ("a", 2), ("b", 3)] as [(BytePath, Int64)] { changes.settled(arrival(path, bytes)) }
    #expect(words(changes) == ["+a 2", "+b 3"])
  }

  @Test func whatWentIsForgottenBeforeWhatCameBackIsTaken() {
    var changes = FolderChanges()
    changes.settled(arrival("a"))
    changes.vanished("a")
    changes.settled(arrival("b"))
    changes.vanished("c")
    changes.settled(arrival("c", 9))
    #expect(words(changes) == ["-a", "-c", "+b 1", "+c 9"])
  }

  @Test func aSecondTryGivesWayToNews() {
    var changes = FolderChanges()
    changes.settled(arrival("a", 2))
    changes.vanished("b")
    for path in ["a", "b", "c"] as [BytePath] { changes.again(arrival(path)) }
    #expect(words(changes) == ["-b", "+a 2", "+c 1"])
  }
}
