import Cataloguing
import Foundation
import TestSupport
import Testing
import Vocabulary
import WorkUnits

@Suite struct CatalogTests {
  private static let fingerprint = StageKey(Digest(of: Data("network".utf8)))

  private func clip(_ name: String) -> ClipID { ClipID(Digest(of: Data(name.utf8))) }

  private func landing(_ name: String, path: BytePath? = nil) -> Landing {
    Landing(root: "/clips", path: path ?? BytePath(name), clip: clip(name), bytes: 10, modified: 5)
  }

  private let facts = ClipFacts(
    container: "mov", codec: "h264", width: 720, height: 404, decodedFrames: 360, frameCount: 360, frameRate: 24,
    duration: 15, bitRate: nil, hasAudio: true, captured: nil)

  private func batch(_ name: String, _ outcomes: [(String, ClipOutcome)]) -> ExtractedBatch {
    ExtractedBatch(
      ledger: ExtractLedger(
        entries: outcomes.map {
          .init(clip: clip($0.0), outcome: $0.1, facts: $0.1.hasFrames ? facts : nil, short: false)
        },
        shards: [.init(backbone: "builtin/motion", fingerprint: Self.fingerprint, index: 0)]),
      name: name, shards: [0: BytePath("features/\(name).safetensors")])
  }

  @Test func whatLandedIsThereAfterReopening() async throws {
    try await Scratch.with { directory in
      let path = BytePath(directory.path).appending("catalog.sqlite")
      let odd = BytePath(bytes: [0x54, 0xEF, 0x0A])
      let first = try Catalog(path: path)
      #expect(try await first.land([landing("a"), landing("b", path: odd)]).count == 2)
      #expect(try await first.land([landing("a", path: "copy of a")]).isEmpty)
      let second = try Catalog(path: path)
      #expect(try await second.landings().map(\.path) == [odd, "a", "copy of a"])
      #expect(try await second.landing(root: "/clips", path: odd)?.clip == clip("b"))
      #expect(
        try await second.pending(limit: 10, wanted: [], now: 0).map(\.file.path) == [
          "/clips/a", BytePath("/clips").appending(odd),
        ])
    }
  }

  @Test func pendingFollowsOutcomesAndWishes() async throws {
    try await Scratch.with { directory in
      let catalog = try Catalog(path: BytePath(directory.path).appending("catalog.sqlite"))
      _ = try await catalog.land([landing("a"), landing("b"), landing("c")])
      try await catalog.want([Self.fingerprint])
      try await catalog.absorb(
        batch("one", [("a", .decoded), ("b", .unreadable(reason: "the file is empty"))]), wanted: [Self.fingerprint])
      #expect(try await catalog.pending(limit: 9, wanted: [], now: 0).map(\.file.clip) == [clip("c")])
      #expect(try await catalog.ready([Self.fingerprint]).map(\.clip) == [clip("a")])
      #expect(try await catalog.unreadable() == [clip("b"): "the file is empty"])

      // Another network: the readable clip is pending again, the unreadable one is not.
      let other = StageKey(Digest(of: Data("other".utf8)))
      try await catalog.want([Self.fingerprint, other])
      #expect(try await catalog.pending(limit: 9, wanted: [], now: 0).map(\.file.clip) == [clip("a"), clip("c")])
      #expect(try await catalog.ready([Self.fingerprint, other]).isEmpty)

      // A shard that is lost makes its clips pending again.
      try await catalog.want([Self.fingerprint])
      try await catalog.loseShards(try await catalog.shardPaths(), wanted: [Self.fingerprint])
      #expect(try await catalog.pending(limit: 9, wanted: [], now: 0).map(\.file.clip) == [clip("a"), clip("c")])
    }
  }

  /// Micro clips are recorded like features; their facts come along.
  @Test func microClipsAreFeaturesToo() async throws {
    try await Scratch.with { directory in
      let catalog = try Catalog(path: BytePath(directory.path).appending("catalog.sqlite"))
      _ = try await catalog.land([landing("a"), landing("b"), landing("old")])
      try await catalog.want([Self.fingerprint])
      let micro = MicroFormat.standard.fingerprint
      var new = batch("new", [("a", .decoded), ("b", .unreadable(reason: "the file is empty"))])
      new.ledger.micro = micro
      new.ledger.entries[0].micro = MicroFacts(bytes: 4000, frames: 30, bitRate: 1700)
      new.micro = "features/micro/new.safetensors"
      try await catalog.absorb(batch("before", [("old", .decoded)]), wanted: [Self.fingerprint])
      try await catalog.absorb(new, wanted: [Self.fingerprint])
      #expect(try await catalog.pending(limit: 9, wanted: [], now: 0).isEmpty)
      #expect(Set(try await catalog.ready([Self.fingerprint]).map(\.clip)) == [clip("a"), clip("old")])
      let kept = try await catalog.ready([Self.fingerprint, micro])
      #expect(kept.map(\.clip) == [clip("a")])
      #expect(kept.first?.shards.last == "features/micro/new.safetensors")

      #expect(kept.first?.micro == MicroFacts(bytes: 4000, frames: 30, bitRate: 1700))
      #expect(try await catalog.ready([Self.fingerprint]).first { $0.clip == clip("old") }?.micro == nil)

      // Where they are wanted, what misses them misses nothing else; and lost ones are made again.
      let wanted = [Self.fingerprint, micro]
      try await catalog.want(wanted)
      #expect(try await catalog.pending(limit: 9, wanted: wanted, now: 0).map(\.missing) == [[micro]])
      try await catalog.loseShards(["features/micro/new.safetensors"], wanted: wanted)
      #expect(try await catalog.ready(wanted).isEmpty)
      #expect(try await catalog.pending(limit: 9, wanted: wanted, now: 0).map(\.missing) == [[micro], [micro]])
    }
  }

  /// Units see a clip to different ends; which of them was absorbed first must not show.
  @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]]) func whatIsKnownDoesNotDependOnTheOrder(
    order: [Int]
  ) async throws {
    try await Scratch.with { directory in
      let catalog = try Catalog(path: BytePath(directory.path).appending("catalog.sqlite"))
      var micro = batch("micro", [("a", .partial(frames: 9, reason: "it breaks off")), ("b", .decoded)])
      micro.ledger.entries[0].micro = MicroFacts(bytes: 1, frames: 1, bitRate: 1)
      let batches = [
        batch("one", [("a", .decoded), ("b", .decoded)]), micro,
        batch("dead", [("b", .unreadable(reason: "it killed its worker"))]),
      ]
      for index in order { try await catalog.absorb(batches[index], wanted: [Self.fingerprint]) }
      #expect(try await catalog.counts(now: 0).byState == ["partial": 1, "unreadable": 1])
      #expect(try await catalog.unreadable() == [clip("b"): "it killed its worker"])
    }
  }

  @Test func aReplacedFileIsAnotherClip() async throws {
    try await Scratch.with { directory in
      let catalog = try Catalog(path: BytePath(directory.path).appending("catalog.sqlite"))
      _ = try await catalog.land([landing("a", path: "x"), landing("b", path: "y")])
      _ = try await catalog.land([landing("new", path: "x")])
      #expect(try await catalog.landings().map(\.clip) == [clip("new"), clip("b")])
      try await catalog.retain(root: "/clips", paths: ["y"])
      #expect(try await catalog.landings().map(\.clip) == [clip("b")])
      #expect(try await catalog.vanish(root: "/clips", path: "y"))
      #expect(try await catalog.vanish(root: "/clips", path: "y") == false)
      #expect(try await catalog.pending(limit: 9, wanted: [], now: 0).isEmpty)
    }
  }

  private func member(_ name: String, of origin: Digest, provisional: Bool = false, present: Bool = true) -> Landing {
    Landing(
      root: "/clips", path: BytePath(name), clip: clip(name), bytes: 10, modified: 5, origin: origin,
      isProvisional: provisional, isPresent: present)
  }

  /// Clips of an archive that is not known to be good: their features are made, and nobody counts on them.
  @Test func provisionalClipsWaitForTheirArchive() async throws {
    try await Scratch.with { directory in
      let catalog = try Catalog(path: BytePath(directory.path).appending("catalog.sqlite"))
      let archive = Digest(of: Data("archive".utf8))
      let key = StageKey(Digest(of: Data("run".utf8)))
      _ = try await catalog.land([member("a", of: archive, provisional: true), landing("b")])
      try await catalog.want([Self.fingerprint])
      #expect(try await catalog.pending(limit: 9, wanted: [], now: 0).map(\.file.clip) == [clip("a"), clip("b")])
      try await catalog.absorb(batch("one", [("a", .decoded), ("b", .decoded)]), wanted: [Self.fingerprint])
      #expect(try await catalog.landings().map(\.path) == ["b"])
      #expect(try await catalog.unscored([Self.fingerprint], run: key, limit: 9).map(\.clip) == [clip("b")])
      #expect(try await catalog.provisional(root: "/clips") == 1)

      try await catalog.confirm(root: "/clips", origin: archive)
      #expect(try await catalog.landings().map(\.path) == ["a", "b"])
      #expect(try await catalog.unscored([Self.fingerprint], run: key, limit: 9).count == 2)
      #expect(try await catalog.withdrawProvisional(root: "/clips", limit: 9).isEmpty)
    }
  }

  @Test func whatAnArchiveBroughtCanBeWithdrawn() async throws {
    try await Scratch.with { directory in
      let catalog = try Catalog(path: BytePath(directory.path).appending("catalog.sqlite"))
      let (old, new) = (Digest(of: Data("old".utf8)), Digest(of: Data("new".utf8)))
      _ = try await catalog.land([member("a", of: old), member("b", of: old), member("b", of: new)])
      #expect(try await catalog.otherOrigin(root: "/clips", path: "a", than: new) == old)
      #expect(try await catalog.otherOrigin(root: "/clips", path: "b", than: new) == nil)
      #expect(try await catalog.withdraw(root: "/clips", except: [new], limit: 9).map(\.path) == ["a"])
      #expect(try await catalog.landings().map(\.path) == ["b"])
      _ = try await catalog.land([member("c", of: new, provisional: true)])
      #expect(try await catalog.withdrawProvisional(root: "/clips", limit: 9).map(\.path) == ["c"])
      #expect(try await catalog.landings().map(\.path) == ["b"])
    }
  }

  @Test func aClipMayBeRemovedWhenItsFeaturesAreThere() async throws {
    try await Scratch.with { directory in
      let catalog = try Catalog(path: BytePath(directory.path).appending("catalog.sqlite"))
      let archive = Digest(of: Data("archive".utf8))
      let key = StageKey(Digest(of: Data("run".utf8)))
      _ = try await catalog.land(["a", "b", "c"].map { member($0, of: archive) })
      try await catalog.want([Self.fingerprint])
      let micro = StageKey(Digest(of: Data("micro".utf8)))
      #expect(try await catalog.served(root: "/clips", micro: micro, limit: 9).isEmpty)
      var batch = batch("one", [("a", .decoded), ("b", .unreadable(reason: "it is empty"))])
      try await catalog.absorb(batch, wanted: [Self.fingerprint])
      // Not without a micro clip.
      #expect(try await catalog.served(root: "/clips", micro: micro, limit: 9).isEmpty)
      batch.ledger.micro = micro
      batch.ledger.entries[0].micro = MicroFacts(bytes: 1, frames: 1, bitRate: 1)
      batch.micro = "features/micro.safetensors"
      try await catalog.absorb(batch, wanted: [Self.fingerprint])
      let served = try await catalog.served(root: "/clips", micro: micro, limit: 9)
      #expect(served == [SourceFile(root: "/clips", path: "a")])
      try await catalog.removed(served)
      #expect(try await catalog.served(root: "/clips", micro: micro, limit: 9).isEmpty)
      // It has arrived all the same: it is scored and stands in the submission.
      #expect(try await catalog.landings().map(\.path) == ["a", "b", "c"])
      #expect(try await catalog.unscored([Self.fingerprint], run: key, limit: 9).map(\.clip) == [clip("a")])

      // Another network cannot see it any more.
      let other = StageKey(Digest(of: Data("other".utf8)))
      try await catalog.want([Self.fingerprint, other])
      #expect(try await catalog.pending(limit: 9, wanted: [], now: 0).map(\.file.clip) == [clip("c")])
      #expect(try await catalog.counts(now: 0).removed == 1)
      // Until it arrives again.
      _ = try await catalog.land([member("a", of: archive)])
      #expect(try await catalog.pending(limit: 9, wanted: [], now: 0).map(\.file.clip) == [clip("a"), clip("c")])
      #expect(try await catalog.counts(now: 0).removed == 0)
    }
  }

  @Test func runsFoldsAndScores() async throws {
    try await Scratch.with { directory in
      let catalog = try Catalog(path: BytePath(directory.path).appending("catalog.sqlite"))
      _ = try await catalog.land([landing("a"), landing("b")])
      let key = StageKey(Digest(of: Data("run".utf8)))
      var run = RunRecord(key: key, planned: 1, labelledClips: 2, learning: key, settings: key)
      try await catalog.plan(run, folds: [(clip("a"), 0), (clip("b"), 4)])
      run.finished = 2
      try await catalog.save(run)
      #expect(try await catalog.runs().map(\.finished) == [2])
      try await catalog.saveScores(run: key, [(clip("b"), [0.25, 1e-5])])
      #expect(try await catalog.scores(run: key) == [clip("b"): [0.25, 1e-5]])
      try await catalog.dropScores(except: Self.fingerprint)
      #expect(try await catalog.scoreCount(run: key) == 0)
    }
  }

  private static let sqlite = "/usr/bin/sqlite3"

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: sqlite), "the sqlite3 command is not installed"))
  func aNewerSchemaIsRefused() throws {
    try Scratch.with { directory in
      let path = BytePath(directory.path).appending("catalog.sqlite")
      _ = try Catalog(path: path)
      let process = Process()
      process.executableURL = URL(filePath: Self.sqlite)
      process.arguments = [path.display, "PRAGMA user_version = 99"]
      try process.run()
      process.waitUntilExit()
      let error = #expect(throws: CatalogError.self) { try Catalog(path: path) }
      #expect(error?.message.contains("newer") == true)
    }
  }
}
