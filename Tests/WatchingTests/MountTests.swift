import Foundation
import TestSupport
import Testing
import Vocabulary
import Watching

/// Disks that come and go below a watched folder, as memory file systems that are really mounted.
@Suite(.serialized, .enabled(if: Mount.isPossible, "this user may not mount file systems here")) struct MountTests {
  @Test(arguments: [(WatchOptions.Mode.auto, ""), (.auto, "card"), (.scan, ""), (.scan, "card")])
  func aDiskThatIsUnmountedIsNotForgotten(mode: WatchOptions.Mode, place: String) throws {
    try Scratch.with { directory in
      let folder = directory.appending(path: "inbox")
      let disk = folder.appending(path: place)
      let prefix = place.isEmpty ? "" : place + "/"
      try FileManager.default.createDirectory(at: disk, withIntermediateDirectories: true)
      let walk = DrivenWalk(folder, mode: mode, rescan: 500)
      try Mount.with(disk) {
        try WatchFixture.write(disk.appending(path: "a.mp4"), 3)
        #expect(DrivenWalk.words(walk.pass(2000)) == ["+\(prefix)a.mp4 3"])
      }
      let name = disk.lastPathComponent
      #expect(DrivenWalk.words(walk.pass(5000)) == ["!\(name): is no longer a"])
      try Mount.with(disk) {
        try WatchFixture.write(disk.appending(path: "b.mp4"), 4)
        #expect(Set(DrivenWalk.words(walk.pass(5000))) == ["solved \(name)", "+\(prefix)b.mp4 4", "-\(prefix)a.mp4"])
      }
    }
  }
}

enum Mount {
  static let isPossible: Bool = {
    do {
      try Scratch.with { try with($0) {} }
      return true
    } catch {
      return false
    }
  }()

  /// Unmounts at the end, whatever happens.
  static func with(_ directory: URL, _ body: () throws -> Void) throws {
    try Command.run("mount", ["-t", "tmpfs", "-o", "size=1m", "primatrix-test", directory.path])
    let outcome = Result { try body() }
    try unmount(directory)
    try outcome.get()
  }

  /// A program that another test starts at this moment has a copy of our descriptors until it is one of its own: the disk is
  /// busy for as long.
  private static func unmount(_ directory: URL) throws {
    for _ in 0..<600 {
      if (try? Command.run("umount", [directory.path])) != nil { return }
      usleep(50_000)
    }
    try Command.run("umount", [directory.path])
  }
}
