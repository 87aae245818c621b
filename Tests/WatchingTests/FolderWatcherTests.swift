import Foundation
import TestSupport
import Testing
import Vocabulary
import Watching

/// The real thing: inotify, folders, files. Each event is waited for; the limit ends a test that would hang for ever.
@Suite(.timeLimit(.minutes(10))) struct FolderWatcherTests {
  /// Between two states of the world, `scanned` and `pending` may come.
  private static let scans = ["scanned", "pending"]
  /// What both ways of watching promise is tested in both.
  static let modes = [WatchOptions.Mode.auto, .scan]

  @Test(arguments: modes) func whatLiesThereIsToldFirst(mode: WatchOptions.Mode) async throws {
    try await WatchFixture.with(
      mode,
      before: { folder in
        for name in ["a.mp4", "sub/deep/b.AVI", "notes.txt", ".hidden.mp4", "c.mp4.part"] {
          try WatchFixture.write(folder.appending(path: name), 3)
        }
      },
      { fixture in
        await fixture.expect("+a.mp4 3", "+sub/deep/b.AVI 3", allowing: mode == .scan ? ["pending"] : [])
        await fixture.expect("scanned")
        #expect(await fixture.rest().isEmpty)
      })
  }

  @Test(arguments: modes) func anEmptyFolderIsScanned(mode: WatchOptions.Mode) async throws {
    try await WatchFixture.with(mode) { fixture in await fixture.expect("scanned") }
  }

  @Test func filesThatAreWrittenAreTakenWhenTheySettle() async throws {
    try await WatchFixture.with { fixture in
      await fixture.expect("scanned")
      let file = fixture.folder.appending(path: "a.mp4")
      let handle = FileHandle(fileDescriptor: open(file.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644))
      for _ in 1...5 { try handle.write(contentsOf: Data(count: 10)) }
      try handle.close()
      // On a busy machine it has settled before anybody saw that it was pending.
      await fixture.expect("+a.mp4 50", allowing: Self.scans)
      #expect(await fixture.rest().filter { !Self.scans.contains($0) }.isEmpty)
    }
  }

  @Test(arguments: modes) func renamesInAndOut(mode: WatchOptions.Mode) async throws {
    try await WatchFixture.with(mode) { fixture in
      await fixture.expect("scanned")
      let outside = fixture.folder.deletingLastPathComponent().appending(path: "upload.mp4")
      try WatchFixture.write(outside, 5)
      try fixture.move(outside, to: "a.mp4")
      await fixture.expect("+a.mp4 5", allowing: Self.scans)
      rename(fixture.folder.appending(path: "a.mp4").path, fixture.folder.appending(path: "b.mp4").path)
      await fixture.expect("-a.mp4", "+b.mp4 5", allowing: Self.scans)
      rename(fixture.folder.appending(path: "b.mp4").path, outside.path)
      await fixture.expect("-b.mp4", allowing: Self.scans)
      // rsync's way: written under a hidden name, then renamed.
      try fixture.write(".c.mp4.Xa91zQ", 6)
      rename(fixture.folder.appending(path: ".c.mp4.Xa91zQ").path, fixture.folder.appending(path: "c.mp4").path)
      await fixture.expect("+c.mp4 6", allowing: Self.scans)
      // A browser's way.
      try fixture.write("d.mp4.crdownload", 7)
      rename(fixture.folder.appending(path: "d.mp4.crdownload").path, fixture.folder.appending(path: "d.mp4").path)
      await fixture.expect("+d.mp4 7", allowing: Self.scans)
      #expect(await fixture.rest().filter { !Self.scans.contains($0) }.isEmpty)
    }
  }

  @Test(arguments: modes) func replacedAndDeletedFiles(mode: WatchOptions.Mode) async throws {
    try await WatchFixture.with(mode) { fixture in
      try fixture.write("a.mp4", 1)
      await fixture.expect("+a.mp4 1", allowing: Self.scans)
      let other = fixture.folder.deletingLastPathComponent().appending(path: "other.mp4")
      try WatchFixture.write(other, 2)
      try fixture.move(other, to: "a.mp4")
      await fixture.expect("+a.mp4 2", allowing: Self.scans)
      try fixture.remove("a.mp4")
      await fixture.expect("-a.mp4", allowing: Self.scans)
      // A hard link is made and never closed.
      try WatchFixture.write(other, 3)
      link(other.path, fixture.folder.appending(path: "linked.mp4").path)
      await fixture.expect("+linked.mp4 3", allowing: Self.scans)
      #expect(await fixture.rest().filter { !Self.scans.contains($0) }.isEmpty)
    }
  }

  @Test(arguments: modes) func newFoldersAreWatchedToAnyDepth(mode: WatchOptions.Mode) async throws {
    try await WatchFixture.with(mode) { fixture in
      await fixture.expect("scanned")
      try fixture.write("x/y/z/a.mp4", 1)
      await fixture.expect("+x/y/z/a.mp4 1", allowing: Self.scans)
      try fixture.write("x/y/z/b.mp4", 2)
      await fixture.expect("+x/y/z/b.mp4 2", allowing: Self.scans)
      // A whole folder moves in, with files that nobody touches any more.
      let outside = fixture.folder.deletingLastPathComponent().appending(path: "card")
      for name in ["c.mp4", "DCIM/d.mp4"] { try WatchFixture.write(outside.appending(path: name), 3) }
      try fixture.move(outside, to: "card")
      await fixture.expect("+card/c.mp4 3", "+card/DCIM/d.mp4 3", allowing: Self.scans)
      rename(fixture.folder.appending(path: "card").path, fixture.folder.appending(path: "site 1").path)
      await fixture.expect(
        "-card/c.mp4", "-card/DCIM/d.mp4", "+site 1/c.mp4 3", "+site 1/DCIM/d.mp4 3", allowing: Self.scans)
      // Its notes come under its new name.
      try fixture.write("site 1/DCIM/e.mp4", 4)
      await fixture.expect("+site 1/DCIM/e.mp4 4", allowing: Self.scans)
      try fixture.remove("site 1")
      await fixture.expect("-site 1/c.mp4", "-site 1/DCIM/d.mp4", "-site 1/DCIM/e.mp4", allowing: Self.scans)
    }
  }

  @Test(arguments: modes) func foldersOfProgramsArePassedOver(mode: WatchOptions.Mode) async throws {
    try await WatchFixture.with(
      mode,
      before: { try WatchFixture.write($0.appending(path: ".rsync-partial/half.mp4")) },
      { fixture in
        await fixture.expect("scanned")
        for name in [".Trash-1000/a.mp4", "$RECYCLE.BIN/b.mp4", "@eaDir/c.mp4", "sub/.stversions/d.mp4"] {
          try fixture.write(name)
        }
        try fixture.write("last.mp4")
        await fixture.expect("+last.mp4 1", allowing: Self.scans)
        // From such a folder into a place of ours.
        rename(
          fixture.folder.appending(path: ".rsync-partial/half.mp4").path,
          fixture.folder.appending(path: "whole.mp4").path)
        await fixture.expect("+whole.mp4 1", allowing: Self.scans)
        #expect(await fixture.rest().filter { !Self.scans.contains($0) }.isEmpty)
      })
  }

  @Test(arguments: modes) func linksAreNotFollowed(mode: WatchOptions.Mode) async throws {
    try await WatchFixture.with(
      mode,
      before: { folder in
        let outside = folder.deletingLastPathComponent().appending(path: "outside")
        try WatchFixture.write(outside.appending(path: "secret.mp4"))
        symlink(outside.path, folder.appending(path: "folder").path)
        symlink(outside.appending(path: "secret.mp4").path, folder.appending(path: "file.mp4").path)
      },
      { fixture in
        await fixture.expect("scanned")
        symlink("/", fixture.folder.appending(path: "root").path)
        symlink("/etc/passwd", fixture.folder.appending(path: "etc.mp4").path)
        mkfifo(fixture.folder.appending(path: "pipe.mp4").path, 0o600)
        try fixture.write("last.mp4")
        await fixture.expect("+last.mp4 1", allowing: Self.scans)
        #expect(await fixture.rest().filter { !Self.scans.contains($0) }.isEmpty)
      })
  }

  @Test(arguments: modes) func namesThatAreNotUTF8(mode: WatchOptions.Mode) async throws {
    try await WatchFixture.with(mode) { fixture in
      await fixture.expect("scanned")
      let name = BytePath(bytes: Array("Ta".utf8) + [0xEF] + Array(".avi".utf8))
      // Moved in: made in its place it could be looked at, for ever so long, before it has a byte.
      let outside = fixture.folder.deletingLastPathComponent().appending(path: "outside.avi")
      try WatchFixture.write(outside, 2)
      BytePath(fixture.folder.path).appending(name).withCString { _ = rename(outside.path, $0) }
      await fixture.expect("+\(name) 2", allowing: Self.scans)
    }
  }

  @Test(arguments: modes) func pendingIsToldAndThatItIsOver(mode: WatchOptions.Mode) async throws {
    try await WatchFixture.with(
      mode,
      before: { folder in
        // A time in the future: however slow the machine, the file is young.
        let file = folder.appending(path: "fresh.mp4")
        try WatchFixture.write(file)
        try FileManager.default.setAttributes(
          [.modificationDate: Date(timeIntervalSinceNow: 1e8)], ofItemAtPath: file.path)
      },
      { fixture in
        await fixture.expect("pending")
        await fixture.expect("+fresh.mp4 1")
        await fixture.expect("scanned")
      })
  }

  /// A time in the future says nothing of how long the file has been quiet.
  @Test(arguments: modes) func timesInTheFutureSettleToo(mode: WatchOptions.Mode) async throws {
    try await WatchFixture.with(mode) { fixture in
      await fixture.expect("scanned")
      let outside = fixture.folder.deletingLastPathComponent().appending(path: "future.mp4")
      try WatchFixture.write(outside, age: -1)
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: 1e8)], ofItemAtPath: outside.path)
      try fixture.move(outside, to: "future.mp4")
      await fixture.expect("pending")
      await fixture.expect("+future.mp4 1")
    }
  }

  /// What no note tells is found by looking: here, because everything is looked at all the time.
  @Test func lookingAgainFindsWhatCameAndWent() async throws {
    try await WatchFixture.with(rescan: 0.02) { fixture in
      try fixture.write("a.mp4")
      await fixture.expect("+a.mp4 1", allowing: Self.scans)
      try fixture.remove("a.mp4")
      await fixture.expect("-a.mp4", allowing: Self.scans)
    }
  }

  @Test func aFolderThatIsNotThereIsAProblemUntilItIs() async throws {
    try await WatchFixture.with(
      rescan: 0.02, before: { try FileManager.default.removeItem(at: $0) },
      { fixture in
        await fixture.expect("!inbox: cannot be read", "scanned")
        try fixture.write("a.mp4")
        await fixture.expect("solved inbox", "+a.mp4 1", allowing: Self.scans)
        // Away again: nothing is forgotten, because a disk may only not be mounted.
        rename(fixture.folder.path, fixture.folder.path + ".away")
        await fixture.expect("!inbox: cannot be read", allowing: Self.scans)
        rename(fixture.folder.path + ".away", fixture.folder.path)
        await fixture.expect("solved inbox", allowing: Self.scans)
        try fixture.remove("a.mp4")
        await fixture.expect("-a.mp4", allowing: Self.scans)
      })
  }

  @Test(.enabled(if: geteuid() != 0, "root may read every folder"))
  func whatLiesInAFolderThatCannotBeReadIsNotForgotten() async throws {
    try await WatchFixture.with(
      rescan: 0.02, before: { try WatchFixture.write($0.appending(path: "sub/a.mp4")) },
      { fixture in
        await fixture.expect("+sub/a.mp4 1", "scanned")
        chmod(fixture.folder.appending(path: "sub").path, 0)
        await fixture.expect("!sub: cannot be read", allowing: Self.scans)
        chmod(fixture.folder.appending(path: "sub").path, 0o700)
        await fixture.expect("solved sub", allowing: Self.scans)
        #expect(await fixture.rest().filter { !Self.scans.contains($0) }.isEmpty)
      })
  }

  /// Permissions and second links are no change of what is in a file.
  @Test(arguments: modes) func whatDoesNotChangeTheContentIsNotTold(mode: WatchOptions.Mode) async throws {
    try await WatchFixture.with(mode) { fixture in
      try fixture.write("a.mp4")
      await fixture.expect("+a.mp4 1", allowing: Self.scans)
      chmod(fixture.folder.appending(path: "a.mp4").path, 0o600)
      link(fixture.folder.appending(path: "a.mp4").path, fixture.folder.appending(path: "b.mp4").path)
      await fixture.expect("+b.mp4 1", allowing: Self.scans)
      try fixture.write("last.mp4")
      await fixture.expect("+last.mp4 1", allowing: Self.scans)
      #expect(await fixture.rest().filter { !Self.scans.contains($0) }.isEmpty)
    }
  }

  @Test(arguments: modes) func stoppingEndsTheEvents(mode: WatchOptions.Mode) async throws {
    try await WatchFixture.with(mode) { fixture in
      await fixture.expect("scanned")
      #expect(await fixture.rest().isEmpty)
    }
  }
}
