import Cataloguing
import Foundation
import TestSupport
import Testing
import Vocabulary
import WorkUnits

/// Finding a clip by what people call it, and all that is known of it.
struct CatalogLookupTests {
  private static func clip(_ name: String) -> ClipID { ClipID(Digest(of: Data(name.utf8))) }

  private static func landing(
    _ path: String, _ clip: String, root: BytePath = "/in", isProvisional: Bool = false
  ) -> Landing {
    Landing(
      root: root, path: BytePath(path), clip: Self.clip(clip), bytes: 3, modified: 7, isProvisional: isProvisional)
  }

  private static func catalog(in directory: URL) async throws -> Catalog {
    let catalog = try Catalog(path: BytePath(directory.path).appending("catalog.sqlite"))
    _ = try await catalog.land([
      landing("a.mp4", "one"), landing("x/b.mp4", "two"), landing("y/b.mp4", "three"), landing("y/copy.mp4", "two"),
      landing("deep/a.mp4", "four"), landing("Tai\u{308}.avi", "five"), landing("b.mp4.part", "six"),
      landing("b.mp4", "seven", root: "/in/x"), landing("p.mp4", "eight", isProvisional: true),
    ])
    return catalog
  }

  @Test(
    arguments: [
      ("a.mp4", ["one"]), ("deep/a.mp4", ["four"]), ("eep/a.mp4", []), ("copy.mp4", ["two"]), ("x/b.mp4", ["two"]),
      // Exactly this name goes before the ends of others.
      ("b.mp4", ["seven"]), ("/in/a.mp4", ["one"]), ("/in/x/b.mp4", ["two", "seven"]), ("/a.mp4", []), ("/", []),
      ("", []), ("nothing", []), ("b.mp4.part", ["six"]), ("Ta\u{EF}.avi", ["five"]), ("Tai\u{308}.avi", ["five"]),
      ("p.mp4", ["eight"]), ("*.mp4", []), ("%", []), ("'; DROP TABLE clip; --", []),
    ]) func byName(name: String, clips: [String]) async throws
  {
    try await Scratch.with { directory in
      let catalog = try await Self.catalog(in: directory)
      #expect(try await catalog.find(BytePath(name), limit: 9) == clips.map(Self.clip))
    }
  }

  @Test(arguments: [(7, false), (8, true), (9, true), (31, true), (64, true)])
  func byDigest(digits: Int, isFound: Bool) async throws {
    try await Scratch.with { directory in
      let catalog = try await Self.catalog(in: directory)
      for text in [Self.clip("two").digest.hex, Self.clip("two").digest.hex.uppercased()] {
        let found = try await catalog.find(BytePath(String(text.prefix(digits))), limit: 9)
        #expect(found == (isFound ? [Self.clip("two")] : []))
      }
    }
  }

  @Test func bytesThatAreNoTextAreAName() async throws {
    try await Scratch.with { directory in
      let catalog = try await Self.catalog(in: directory)
      let name = BytePath(bytes: [0xEF, 0x2E])
      var landing = Self.landing("", "nine")
      landing.path = name
      _ = try await catalog.land([landing])
      #expect(try await catalog.find(name, limit: 9) == [Self.clip("nine")])
    }
  }

  @Test func everythingOfOneClip() async throws {
    try await Scratch.with { directory in
      let catalog = try await Self.catalog(in: directory)
      let fingerprint = StageKey(Digest(of: Data("net".utf8)))
      try await catalog.want([fingerprint])
      #expect(try await catalog.record(of: Self.clip("nobody")) == nil)
      var record = try #require(try await catalog.record(of: Self.clip("two")))
      #expect(record.listing.state == "pending" && record.files.map(\.path) == ["x/b.mp4", "y/copy.mp4"])
      #expect(record.products.isEmpty && record.scores == nil && record.fold == nil && record.micro == nil)
      let facts = ClipFacts(
        container: "mov", codec: "h264", width: 1, height: 1, decodedFrames: 9, frameCount: nil, frameRate: 1,
        duration: 9, bitRate: nil, hasAudio: false, captured: nil)
      let ledger = ExtractLedger(
        entries: [
          .init(clip: Self.clip("two"), outcome: .partial(frames: 9, reason: "noise"), facts: facts, short: false)
        ],
        shards: [.init(backbone: "net", fingerprint: fingerprint, index: 0)])
      try await catalog.absorb(
        ExtractedBatch(ledger: ledger, name: "one", shards: [0: "features/one"]), wanted: [fingerprint])
      for key in ["old", "new"] {
        let key = StageKey(Digest(of: Data(key.utf8)))
        let run = RunRecord(key: key, planned: 1, labelledClips: 1, learning: key, settings: key)
        try await catalog.plan(run, folds: [(Self.clip("two"), 4)])
        try await catalog.saveScores(run: key, [(Self.clip("two"), [key.name.hasPrefix("a") ? 0.25 : 0.5])])
      }
      record = try #require(try await catalog.record(of: Self.clip("two")))
      #expect(record.listing.outcome == .partial(frames: 9, reason: "noise") && record.listing.facts == facts)
      #expect(record.products == [fingerprint] && record.fold == 4)
      #expect(record.scores?.run.key == StageKey(Digest(of: Data("new".utf8))))
      #expect(record.scores?.probabilities.count == 1)
    }
  }

  @Test func onlyUnreadableClipsAreReconsidered() async throws {
    try await Scratch.with { directory in
      let catalog = try await Self.catalog(in: directory)
      let fingerprint = StageKey(Digest(of: Data("net".utf8)))
      let entries = [("one", ClipOutcome.unreadable(reason: "noise")), ("two", .partial(frames: 1, reason: "noise"))]
        .map {
          ExtractLedger.Entry(clip: Self.clip($0.0), outcome: $0.1, facts: nil, short: false)
        }
      try await catalog.absorb(
        ExtractedBatch(ledger: ExtractLedger(entries: entries, shards: []), name: "l", shards: [:]),
        wanted: [fingerprint])
      try await catalog.reconsider([Self.clip("one"), Self.clip("two"), Self.clip("nobody")])
      #expect(try await catalog.record(of: Self.clip("one"))?.listing.state == "pending")
      #expect(try await catalog.record(of: Self.clip("two"))?.listing.state == "partial")
      #expect(try await catalog.unreadable().isEmpty)
      #expect(
        try await catalog.pending(limit: 9, wanted: [fingerprint], now: 0).contains { $0.file.clip == Self.clip("one") }
      )
    }
  }
}
