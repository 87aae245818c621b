import Durability
import Foundation
import TestSupport
import Testing
import Vocabulary

struct DurabilityTests {
  private func names(_ directory: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
  }

  @Test func aFileIsReplacedWholeAndLeavesNothingBeside() throws {
    try Scratch.with { directory in
      let path = BytePath(directory.appending(path: "product").path)
      for content in ["first", "", "a much longer third content"] {
        try Durability.publish(Array(content.utf8), at: path)
        #expect(try String(contentsOfFile: path.display, encoding: .utf8) == content)
      }
      #expect(try names(directory) == ["product"])
    }
  }

  @Test func aFolderReplacesTheOneThatIsThere() throws {
    try Scratch.with { directory in
      let place = directory.appending(path: "deep/place")
      for content in ["old", "new"] {
        let staged = directory.appending(path: "staged")
        try FileManager.default.createDirectory(at: staged.appending(path: "sub"), withIntermediateDirectories: true)
        try Data(content.utf8).write(to: staged.appending(path: "sub/\(content)"))
        try Durability.publish(staged: BytePath(staged.path), at: BytePath(place.path))
      }
      #expect(try names(place.appending(path: "sub")) == ["new"])
      #expect(try names(directory) == ["deep"])
    }
  }

  @Test func aLinkPointsToTheNewTarget() throws {
    try Scratch.with { directory in
      let link = BytePath(directory.appending(path: "latest.csv").path)
      for target in ["one.csv", "two.csv"] { try Durability.replaceSymlink(at: link, target: BytePath(target)) }
      #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.display) == "two.csv")
      #expect(try names(directory) == ["latest.csv"])
    }
  }

  @Test func removingATreeFollowsNoLink() throws {
    try Scratch.with { directory in
      let outside = directory.appending(path: "outside")
      let tree = directory.appending(path: "tree")
      for folder in [outside, tree.appending(path: "a")] {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      }
      try Data("kept".utf8).write(to: outside.appending(path: "file"))
      try FileManager.default.createSymbolicLink(at: tree.appending(path: "a/link"), withDestinationURL: outside)
      chmod(tree.appending(path: "a").path, 0o000)
      try Durability.removeTree(BytePath(tree.path))
      try Durability.removeTree(BytePath(tree.path))
      #expect(try names(directory) == ["outside"])
      #expect(try names(outside) == ["file"])
    }
  }

  @Test func aSweepRemovesWhatACrashLeft() throws {
    try Scratch.with { directory in
      for name in [".primatrix-tmp-1", "kept"] { try Data().write(to: directory.appending(path: name)) }
      try Durability.sweep(BytePath(directory.path))
      #expect(try names(directory) == ["kept"])
    }
  }

  @Test func anErrorNamesThePathAndTheCause() {
    let error = #expect(throws: DurabilityError.self) { try Durability.publish([], at: "/proc/primatrix/file") }
    #expect(error?.description.contains("/proc/primatrix") == true)
  }

  private func isHeld(_ path: BytePath) -> Bool {
    do {
      _ = try DirectoryLock(path)
      return false
    } catch {
      return true
    }
  }

  @Test func aDirectoryHasOneHolder() throws {
    try Scratch.with { directory in
      let path = BytePath(directory.path)
      let lock = try DirectoryLock(path)
      #expect(throws: DirectoryLock.Refusal.held(path, pid: getpid())) { _ = try DirectoryLock(path) }
      _ = consume lock
      // A test beside this one that starts a child has given it a copy of the lock until it becomes another program.
      var looks = 0
      while isHeld(path), looks < 30_000 {
        usleep(10_000)
        looks += 1
      }
      #expect(looks < 30_000, "it is held for ever")
    }
  }
}
