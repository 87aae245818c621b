import Foundation
import TestSupport
import Testing
import Vocabulary
import Watching

/// What needs time to be told apart: a clock that the test moves.
struct DrivenWalkTests {
  static let modes = [WatchOptions.Mode.auto, .scan]

  private func with(
    _ mode: WatchOptions.Mode = .auto, rescan: Double? = nil, limits: WatchOptions.Limits = .init(),
    before: (URL) throws -> Void = { _ in }, _ body: (DrivenWalk) throws -> Void
  ) throws {
    try Scratch.with { directory in
      let folder = directory.appending(path: "inbox")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try before(folder)
      let rescan = rescan ?? (mode == .scan ? DrivenWalk.settle / 2 : 1e9)
      try body(DrivenWalk(folder, mode: mode, rescan: rescan, limits: limits))
    }
  }

  private func words(_ events: [WatchEvent]) -> [String] { DrivenWalk.words(events) }

  /// Copy tools keep the file open: its pauses may be longer than any time of settling.
  @Test(arguments: [true, false]) func aCopyWithPausesIsTakenWhenItIsClosed(tellsWriters: Bool) throws {
    var limits = WatchOptions.Limits()
    limits.tellsWriters = tellsWriters
    try with(limits: limits) { walk in
      _ = walk.turn()
      let writer = Writer(walk.url("a.mp4"))
      writer.write(size: 10)
      #expect(words(walk.pass(3000)).isEmpty)
      writer.write(size: 20)
      #expect(words(walk.pass(3000)).isEmpty)
      writer.end()
      #expect(words(walk.pass(1000)) == ["+a.mp4 20"])
      #expect(words(walk.pass(100_000)).isEmpty)
    }
  }

  @Test func theWatcherStartsInTheMiddleOfACopy() throws {
    var writer: Writer?
    try with(
      before: {
        writer = Writer($0.appending(path: "a.mp4"))
        writer?.write(size: 10)
        var times = [timeval(tv_sec: 1000, tv_usec: 0), timeval(tv_sec: 1000, tv_usec: 0)]
        utimes($0.appending(path: "a.mp4").path, &times)
      },
      { walk in
        #expect(words(walk.pass(100_000)).isEmpty)
        writer?.end()
        #expect(words(walk.pass(1000)) == ["+a.mp4 10"])
      })
  }

  /// Looking alone cannot know of a writer; a file that grows is noticed.
  @Test(arguments: modes) func aFileThatGrowsIsNotTaken(mode: WatchOptions.Mode) throws {
    try with(mode) { walk in
      _ = walk.turn()
      let writer = Writer(walk.url("a.mp4"))
      for size in 1...10 {
        writer.write(size: size)
        #expect(words(walk.pass(900)).isEmpty)
      }
      writer.end()
      #expect(words(walk.pass(2000)) == ["+a.mp4 10"])
    }
  }

  /// The clock of a file server may be behind: there an old file need not be quiet.
  @Test func whereOnlyLookingHelpsAnOldTimeIsNotBelieved() throws {
    try with(.scan) { walk in
      _ = walk.turn()
      let writer = Writer(walk.url("a.mp4"))
      for size in 1...5 {
        writer.write(size: size)
        var times = [timeval(tv_sec: 1000 + size, tv_usec: 0), timeval(tv_sec: 1000 + size, tv_usec: 0)]
        utimes(walk.url("a.mp4").path, &times)
        #expect(words(walk.pass(900)).isEmpty)
      }
      writer.end()
      #expect(words(walk.pass(2000)) == ["+a.mp4 5"])
    }
  }

  @Test func aMappedFileIsTakenWhenItIsUnmapped() throws {
    try with { walk in
      _ = walk.turn()
      let mapping = Mapping(walk.url("a.mp4"), size: 4096)
      mapping.write()
      #expect(words(walk.pass(3000)).isEmpty)
      mapping.write()
      mapping.end()
      #expect(words(walk.pass(1000)) == ["+a.mp4 4096"])
    }
  }

  /// The file is reserved empty, filled beside itself, and replaced: Firefox's way.
  @Test(arguments: modes) func aPlaceholderIsNotAClip(mode: WatchOptions.Mode) throws {
    try with(mode) { walk in
      _ = walk.turn()
      Writer(walk.url("a.mp4")).end()
      let writer = Writer(walk.url("a.mp4.part"))
      writer.write(size: 7)
      #expect(words(walk.pass(3000)) == ["!a.mp4: is empty: a.mp"])
      writer.write(size: 70)
      #expect(words(walk.pass(3000)).isEmpty)
      writer.end()
      rename(walk.url("a.mp4.part").path, walk.url("a.mp4").path)
      #expect(words(walk.pass(2000)) == ["solved a.mp4", "+a.mp4 70"])
    }
  }

  /// aria2 makes the file as large as it will be, and keeps notes beside it, for days if it is interrupted.
  @Test(arguments: modes) func aDownloadThatIsInterruptedIsNotAClip(mode: WatchOptions.Mode) throws {
    try with(mode) { walk in
      _ = walk.turn()
      for name in ["a.mp4", "a.mp4.aria2"] {
        let writer = Writer(walk.url(name))
        writer.write(size: 99)
        writer.end()
      }
      #expect(words(walk.pass(5000)) == ["!a.mp4: is not whole: "])
      unlink(walk.url("a.mp4.aria2").path)
      #expect(words(walk.pass(2000)) == ["solved a.mp4", "+a.mp4 99"])
    }
  }

  @Test(arguments: modes) func anEmptyFileIsAProblemUntilItIsFilledOrGone(mode: WatchOptions.Mode) throws {
    try with(mode) { walk in
      _ = walk.turn()
      for name in ["a.mp4", "b.mp4"] { Writer(walk.url(name)).end() }
      #expect(words(walk.pass(5000)) == ["!a.mp4: is empty; it i", "!b.mp4: is empty; it i"])
      let writer = Writer(walk.url("a.mp4"))
      writer.write(size: 5)
      writer.end()
      unlink(walk.url("b.mp4").path)
      #expect(words(walk.pass(2000)).sorted() == ["+a.mp4 5", "solved a.mp4", "solved b.mp4"])
      // One that is emptied is no clip any more.
      Writer(walk.url("a.mp4"), truncating: true).end()
      #expect(words(walk.pass(2000)) == ["-a.mp4", "!a.mp4: is empty; it i"])
    }
  }

  /// An empty or half-downloaded file must not keep everything else waiting.
  @Test(arguments: modes) func onlyWhatWillSettleIsPending(mode: WatchOptions.Mode) throws {
    try with(mode) { walk in
      Writer(walk.url("empty.mp4")).end()
      let open = Writer(walk.url("open.mp4"))
      open.write(size: 3)
      _ = walk.turn()
      var states = walk.pass(2000).compactMap { if case .scanned(_, let pending) = $0 { pending } else { nil } }
      states += walk.pass(100_000).compactMap { if case .scanned(_, let pending) = $0 { pending } else { nil } }
      #expect(states == [0])
      open.end()
    }
  }

  @Test(arguments: modes) func aFolderSwappedForALinkLeadsNowhere(mode: WatchOptions.Mode) throws {
    try with(mode) { walk in
      let outside = walk.folder.deletingLastPathComponent().appending(path: "outside")
      for place in [walk.url("sub"), outside] { try WatchFixture.write(place.appending(path: "a.mp4"), 3) }
      _ = walk.pass(2000)
      // A fresh file is waited for, and its folder becomes a link to another with such a file.
      try WatchFixture.write(walk.url("sub/fresh.mp4"), 4, age: 0)
      try WatchFixture.write(outside.appending(path: "fresh.mp4"), 4, age: 0)
      _ = walk.turn()
      rename(walk.url("sub").path, outside.path + ".away")
      symlink(outside.path, walk.url("sub").path)
      #expect(words(walk.pass(5000)) == ["-sub/a.mp4"])
      try WatchFixture.write(outside.appending(path: "b.mp4"), 5)
      #expect(words(walk.pass(5000)).isEmpty)
    }
  }

  /// No number that anybody can give a file may end the daemon, or make it wait for ever.
  @Test(arguments: modes, [-5_000_000_000, -1, 0, 4_102_444_800, 13_000_000_000, 1 << 40])
  func timesOfAllAges(mode: WatchOptions.Mode, seconds: Int) throws {
    try with(mode) { walk in
      _ = walk.turn()
      try WatchFixture.write(walk.url("a.mp4"), 3, age: 0)
      var times = [timespec(tv_sec: seconds, tv_nsec: 0), timespec(tv_sec: seconds, tv_nsec: 999_999_999)]
      utimensat(AT_FDCWD, walk.url("a.mp4").path, &times, 0)
      #expect(words(walk.pass(5000)) == ["+a.mp4 3"])
    }
  }

  @Test func folderThatCannotAllBeWatched() throws {
    var limits = WatchOptions.Limits()
    limits.watches = 2
    try with(
      rescan: 5000, limits: limits, before: { try WatchFixture.write($0.appending(path: "a/b/c/old.mp4"), 1) },
      { walk in
        #expect(words(walk.turn()) == ["+a/b/c/old.mp4 1", "!inbox: not all of it "])
        try WatchFixture.write(walk.url("a/b/c/new.mp4"), 2)
        unlink(walk.url("a/b/c/old.mp4").path)
        #expect(words(walk.pass(4000)).isEmpty)
        #expect(words(walk.pass(4000)) == ["+a/b/c/new.mp4 2", "-a/b/c/old.mp4"])
        // A folder that nobody listened to is deleted with what was known in it.
        unlink(walk.url("a/b/c/new.mp4").path)
        rmdir(walk.url("a/b/c").path)
        rmdir(walk.url("a/b").path)
        rmdir(walk.url("a").path)
        #expect(words(walk.pass(6000)) == ["-a/b/c/new.mp4", "solved inbox"])
      })
  }

  @Test(.enabled(if: geteuid() != 0, "root may read every file")) func aFileThatCannotBeReadIsToldAndTriedAgain() throws
  {
    try with { walk in
      _ = walk.turn()
      try WatchFixture.write(walk.url("a.mp4"), 3)
      chmod(walk.url("a.mp4").path, 0)
      #expect(words(walk.pass(5000)) == ["!a.mp4: cannot be read"])
      chmod(walk.url("a.mp4").path, 0o600)
      #expect(words(walk.turn()) == ["solved a.mp4", "+a.mp4 3"])
    }
  }

  /// More notes than are kept: everything is looked at, and what was known is not told again.
  @Test func lostNotesAreMadeUpForByLooking() throws {
    var limits = WatchOptions.Limits()
    limits.notes = 4
    try with(limits: limits) { walk in
      try WatchFixture.write(walk.url("old.mp4"), 1)
      #expect(words(walk.turn()) == ["+old.mp4 1"])
      for number in 0..<20 { try WatchFixture.write(walk.url("\(number).mp4"), 2) }
      #expect(words(walk.pass(0)).sorted() == (0..<20).map { "+\($0).mp4 2" }.sorted())
      #expect(words(walk.pass(100_000)).isEmpty)
    }
  }

  /// `PRIMATRIX_FILES=100000` makes it as many.
  @Test(arguments: modes) func aLookThroughWhatIsKnownTellsNothing(mode: WatchOptions.Mode) throws {
    let count = ProcessInfo.processInfo.environment["PRIMATRIX_FILES"].flatMap(Int.init) ?? 2000
    try with(mode, rescan: 5000) { walk in
      for number in 0..<count {
        if number < 100 { mkdir(walk.url("\(number)").path, 0o755) }
        let writer = Writer(walk.url("\(number % 100)/clip-\(number).mp4"))
        writer.write(size: 1)
        writer.end()
      }
      #expect(words(walk.pass(4000)).count == count)
      let clock = ContinuousClock()
      let start = clock.now
      #expect(walk.pass(4000).filter { if case .looked = $0 { false } else { true } }.isEmpty)
      if count > 2000 { print("a look through \(count) files: \(clock.now - start)") }
    }
  }

  @Test func theKernelsOwnLimitIsNoticed() throws {
    try with { walk in
      _ = walk.turn()
      let limit = try String(contentsOfFile: "/proc/sys/fs/inotify/max_queued_events", encoding: .utf8)
      let count = try #require(Int(limit.trimmingCharacters(in: .whitespacesAndNewlines)))
      let names = ["x.txt", "y.txt"].map { walk.url($0).path }
      Writer(URL(filePath: names[0])).end()
      let quiet = walk.turn()
      #expect(!quiet.contains { if case .looked = $0 { true } else { false } })
      for number in 0...count / 2 { rename(names[number % 2], names[1 - number % 2]) }
      #expect(walk.turn().contains { if case .looked = $0 { true } else { false } })
    }
  }
}
