import Foundation
import TestSupport
import Testing
import Unpacking
import Vocabulary
import WorkUnits

/// However often the worker is killed and however the archive comes, in the end lies there what one attempt at the finished
/// file gives.
struct ResumeTests {
  struct Kind: CustomTestStringConvertible, Sendable {
    var testDescription: String
    /// Writes `path` in Python.
    var program: String
    var canGrow = true
    /// Bytes in front of those that were consumed are not needed even after a kill.
    var canBePunched = false
  }

  private static func tar(_ mode: String) -> String {
    """
    tar = tarfile.open(path, "w\(mode)", format=tarfile.PAX_FORMAT)
    for k in range(12): add(tar, f"d{k % 3}/m{k}.mp4", bits(3000 + 7001 * (k % 4), k), mtime=1453593600.5 + k)
    add(tar, "d1/m4.mp4", b"again"); add(tar, "../out", b"x"); add(tar, "link", type=tarfile.SYMTYPE, linkname="x")
    add(tar, "d1", b"a folder"); add(tar, "folder", type=tarfile.DIRTYPE)
    for k in range(12, 20): add(tar, "long/" + "n" * 120 + f"/m{k}.mp4", bits(5000, k), pax_headers={"comment": "c" * 700})
    tar.close()
    """
  }

  static let kinds = [
    Kind(testDescription: "tar", program: tar(""), canBePunched: true),
    Kind(testDescription: "tar.gz", program: tar(":gz")), Kind(testDescription: "tar.bz2", program: tar(":bz2")),
    Kind(testDescription: "tar.xz", program: tar(":xz")),
    Kind(
      testDescription: "tar, damaged",
      program: tar("") + """

        data = bytearray(open(path, "rb").read())
        for at in (40_000, 90_000): data[at : at + 9000] = bytes(9000)
        data = data[:-20_000]
        open(path, "wb").write(data)
        """, canBePunched: true),
    Kind(
      testDescription: "tar.gz, cut off",
      program: tar(":gz") + "\ndata = open(path, 'rb').read()\nopen(path, 'wb').write(data[:len(data) * 2 // 3])"),
    Kind(
      testDescription: "zip",
      program: """
        zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        def put(name, data): zip.writestr(zipfile.ZipInfo(name, (2016, 1, 24, 12, 0, 0)), data, zipfile.ZIP_DEFLATED)
        for k in range(12): put(f"d{k % 3}/m{k}.mp4", bits(3000 + 7001 * (k % 4), k))
        put("../out", b"x"); put("d1", b"a folder")
        zip.close()
        data = bytearray(open(path, "rb").read())
        data[70_000] ^= 255
        open(path, "wb").write(data)
        """, canGrow: false),
  ]

  @Test(arguments: kinds) func killedAtEveryBatch(kind: Kind) throws {
    let whole = try atOnce(kind)
    #expect(whole.members.count > 8, "\(whole)")
    // Before a batch is acknowledged: an attempt brings that one, and the one that was under way beside it.
    try UnpackFixture.with { fixture in
      try fixture.forge(kind.program)
      let daemon = FakeDaemon(fixture.spec(batchBytes: 20_000), in: fixture)
      var isHit = false
      daemon.onBatch = { _ in isHit = true }
      daemon.kills = {
        defer { isHit = false }
        return isHit
      }
      let attempts = try daemon.workToTheEnd()
      let all = try daemon.unpacked()
      #expect(all == whole)
      #expect(attempts > 3)
    }
  }

  @Test(arguments: kinds.filter(\.canGrow), 0..<6) func killedAnywhereWhileItGrows(kind: Kind, seed: UInt64) throws {
    let whole = try atOnce(kind)
    try UnpackFixture.with { fixture in
      try fixture.forge(kind.program)
      var generator = SplitMix64(seed: seed)
      let daemon = FakeDaemon(fixture.spec(isGrowing: true, batchBytes: 30_000), in: fixture)
      // From single bytes to all at once.
      let most = [700, 3000, 12_000, 60_000, 400_000, 513][Int(seed)]
      daemon.increment = { Int64(generator.next() % UInt64(most) + 1) }
      daemon.kills = { generator.next() % 8 == 0 }
      if kind.canBePunched { daemon.onBatch = { _ in daemon.punch() } }
      let attempts = try daemon.workToTheEnd()
      #expect(try daemon.unpacked() == whole, "after \(attempts) attempts")
    }
  }

  /// What has come is given out at once, and what was given out is not read again.
  @Test func batchesAreCompletedWhenBytesRunOut() throws {
    try UnpackFixture.with { fixture in
      try fixture.forge(Self.kinds[0].program)
      let daemon = FakeDaemon(fixture.spec(isGrowing: true), in: fixture)
      daemon.increment = { 15_000 }
      var batches: [UnpackReport] = []
      daemon.onBatch = { batches.append($0) }
      try daemon.work()
      #expect(batches.count > 8)
      for batch in batches.dropLast() { #expect(!batch.members.isEmpty && batch.end == nil) }
      #expect(batches.last?.end == .whole)
      #expect(batches.map(\.standing.consumed) == batches.map(\.standing.consumed).sorted())
      #expect(batches.last?.standing.consumed == UnpackFixture.bytes(of: BytePath(fixture.archive.path)))
    }
  }

  /// A member that waits for its bytes is no part of the batch that is completed meanwhile.
  @Test(arguments: ["", ":gz"]) func aLargeMemberDoesNotHoldUpTheOthers(mode: String) throws {
    try UnpackFixture.with { fixture in
      try fixture.forge(
        """
        tar = tarfile.open(path, "w\(mode)")
        add(tar, "small/a.mp4", bits(10, 1)); add(tar, "large/b.mp4", bits(900_000, 2)); add(tar, "c.mp4", bits(10, 3))
        tar.close()
        """)
      let daemon = FakeDaemon(fixture.spec(isGrowing: true), in: fixture)
      daemon.increment = { 100_000 }
      var names: [[BytePath]] = []
      daemon.onBatch = { names.append($0.members.map(\.path)) }
      try daemon.work()
      #expect(names == [["small/a.mp4"], ["c.mp4", "large/b.mp4"]])
      #expect(try daemon.unpacked().members.first { $0.path == "large/b.mp4" }?.bytes == 900_000)
    }
  }

  /// Where the kernel does not let a file move between folders, the batch waits with it.
  @Test func whatCannotBeMovedAsideIsWaitedFor() throws {
    try UnpackFixture.with { fixture in
      try fixture.forge(
        "tar = tarfile.open(path, 'w'); add(tar, 'a', bits(10, 1)); add(tar, 'b', bits(900_000, 2)); tar.close()")
      let daemon = FakeDaemon(fixture.spec(isGrowing: true), in: fixture)
      daemon.increment = {
        // A folder with something in it can be replaced by no file.
        let blocked = fixture.output.appending(path: "unfinished/x")
        try? FileManager.default.createDirectory(at: blocked, withIntermediateDirectories: true)
        return 100_000
      }
      try daemon.work()
      let all = try daemon.unpacked()
      #expect(all.batches == 1 && all.members.count == 2)
    }
  }

  @Test func anArchiveThatIsFinishedIsLeftAlone() throws {
    try UnpackFixture.with { fixture in
      try fixture.forge(Self.kinds[0].program)
      let daemon = FakeDaemon(fixture.spec(), in: fixture)
      try daemon.work()
      let before = try daemon.unpacked()
      try daemon.work()
      #expect(try daemon.unpacked().batches == before.batches)
    }
  }

  private func atOnce(_ kind: Kind) throws -> Unpacked {
    try UnpackFixture.with { fixture in
      try fixture.forge(kind.program)
      return try fixture.unpack()
    }
  }
}
