import Cataloguing
import Foundation
import TestSupport
import Testing
import Vocabulary
import WorkUnits

/// Micro clips that a source brings: looked at, never scored, joined to clips by file name.
@Suite struct MicroSourceTests {
  private static let fingerprint = StageKey(Digest(of: Data("network".utf8)))

  private func clip(_ name: String) -> ClipID { ClipID(Digest(of: Data(name.utf8))) }

  private func landing(
    _ content: String, _ path: BytePath, root: BytePath = "/micro", isMicro: Bool = true, isProvisional: Bool = false
  ) -> Landing {
    Landing(
      root: root, path: path, clip: clip(content), bytes: 7000, modified: 5, isProvisional: isProvisional,
      isMicro: isMicro)
  }

  private func entry(
    _ content: String, bitRate: Int64?, duration: Double = 14, micro: MicroFacts? = nil
  ) -> ExtractLedger.Entry {
    let facts = ClipFacts(
      container: "mov", codec: "h264", width: 64, height: 64, decodedFrames: 1, frameCount: 30, frameRate: 2,
      duration: duration,
      bitRate: bitRate, hasAudio: false, captured: nil)
    return .init(clip: clip(content), outcome: .decoded, facts: facts, short: false, micro: micro)
  }

  private func look(
    _ content: String, bitRate: Int64?, duration: Double = 14, in catalog: Catalog
  ) async throws {
    let ledger = ExtractLedger(entries: [entry(content, bitRate: bitRate, duration: duration)], shards: [])
    try await catalog.absorb(
      ExtractedBatch(ledger: ledger, name: "look at \(content)", shards: [:]), wanted: [Self.fingerprint])
  }

  private func extract(_ content: String, micro: MicroFacts?, in catalog: Catalog) async throws {
    let ledger = ExtractLedger(
      entries: [entry(content, bitRate: nil, micro: micro)],
      shards: [.init(backbone: "net", fingerprint: Self.fingerprint, index: 0)])
    try await catalog.absorb(
      ExtractedBatch(ledger: ledger, name: content, shards: [0: BytePath("features/\(content)")]),
      wanted: [Self.fingerprint])
  }

  private func with(_ body: (Catalog) async throws -> Void) async throws {
    try await Scratch.with { directory in
      let catalog = try Catalog(path: BytePath(directory.path).appending("catalog.sqlite"))
      try await catalog.want([Self.fingerprint])
      try await body(catalog)
    }
  }

  @Test func oneIsLookedAtAndNoClip() async throws {
    try await with { catalog in
      _ = try await catalog.land([
        landing("a", "2013/a.mp4", root: "/clips", isMicro: false), landing("small a", "a.mp4"),
      ])
      let pending = try await catalog.pending(limit: 9, wanted: [Self.fingerprint], now: 0)
      #expect(pending.map(\.file.clip) == [clip("a"), clip("small a")])
      #expect(pending.map(\.missing) == [[Self.fingerprint], []])
      let counts = try await catalog.counts(now: 0)
      #expect(counts.total == 1 && counts.pending == 2)
      #expect(try await catalog.landings().map(\.clip) == [clip("a")])
      #expect(try await catalog.list(state: nil, after: 0, limit: 9).map(\.clip) == [clip("a")])
      try await look("small a", bitRate: 4000, in: catalog)
      #expect(try await catalog.pending(limit: 9, wanted: [Self.fingerprint], now: 0).map(\.file.clip) == [clip("a")])
      try await catalog.want([Self.fingerprint])
      #expect(try await catalog.pending(limit: 9, wanted: [Self.fingerprint], now: 0).map(\.file.clip) == [clip("a")])
    }
  }

  @Test func itTakesThePlaceOfTheOneThatWasMade() async throws {
    try await with { catalog in
      let made = MicroFacts(bytes: 9, frames: 8, bitRate: 7)
      for name in ["a", "b", "c"] {
        _ = try await catalog.land([landing(name, BytePath("x/\(name).mp4"), root: "/clips", isMicro: false)])
        try await extract(name, micro: name == "c" ? nil : made, in: catalog)
      }
      _ = try await catalog.land([landing("small a", "m/a.mp4"), landing("small c", "c.mp4")])
      // Not yet checked, so not yet used.
      _ = try await catalog.land([landing("small b", "b.mp4", isProvisional: true)])
      try await look("small a", bitRate: 4000, in: catalog)
      try await look("small b", bitRate: 4000, in: catalog)
      try await look("small c", bitRate: nil, in: catalog)
      var found: [ClipID: MicroFacts] = [:]
      for ready in try await catalog.ready([Self.fingerprint]) { found[ready.clip] = ready.micro }
      #expect(
        found == [
          clip("a"): MicroFacts(bytes: 7000, frames: 30, bitRate: 4000), clip("b"): made,
          // Seven thousand bytes in fourteen seconds.
          clip("c"): MicroFacts(bytes: 7000, frames: 30, bitRate: 4000),
        ])
    }
  }

  /// Whoever wrote the ledger had read a stranger's bytes.
  @Test(arguments: [1e-307, 1e-300, 1e-9, 1e300, 0, -1]) func noDurationIsTooOddToCountWith(
    duration: Double
  ) async throws {
    try await with { catalog in
      _ = try await catalog.land([landing("a", "a.mp4", root: "/clips", isMicro: false), landing("small a", "a.mp4")])
      try await extract("a", micro: nil, in: catalog)
      try await look("small a", bitRate: nil, duration: duration, in: catalog)
      let rate = try #require(try await catalog.ready([Self.fingerprint]).first?.micro?.bitRate)
      #expect((0...1_000_000_000_000_000).contains(rate))
    }
  }

  /// The same bytes in a clip's place: a clip after all, whichever came first.
  @Test(arguments: [true, false]) func aFileThatIsBothIsAClip(microFirst: Bool) async throws {
    try await with { catalog in
      let both = [landing("a", "a.mp4"), landing("a", "a.mp4", root: "/clips", isMicro: false)]
      for landing in microFirst ? both : both.reversed() { _ = try await catalog.land([landing]) }
      #expect(try await catalog.counts(now: 0).total == 1)
      #expect(
        try await catalog.pending(limit: 9, wanted: [Self.fingerprint], now: 0).map(\.missing) == [[Self.fingerprint]])
    }
  }

  /// A catalog that is filled again knows clips from ledgers before it sees their files.
  @Test func aLedgerThatCameFirstDoesNotMakeItAClip() async throws {
    try await with { catalog in
      try await look("small a", bitRate: 4000, in: catalog)
      _ = try await catalog.land([landing("small a", "a.mp4")])
      let counts = try await catalog.counts(now: 0)
      #expect(counts.total == 0 && counts.pending == 0)
    }
  }

  @Test func itIsServedOnceItWasLookedAt() async throws {
    try await with { catalog in
      _ = try await catalog.land([landing("small a", "a.mp4")])
      let micro = StageKey(Digest(of: Data("micro".utf8)))
      #expect(try await catalog.served(root: "/micro", micro: micro, limit: 9).isEmpty)
      try await look("small a", bitRate: 4000, in: catalog)
      #expect(try await catalog.served(root: "/micro", micro: micro, limit: 9).map(\.path) == ["a.mp4"])
    }
  }

  @Test func aFileThatIsGoneIsForgottenByItsPlace() async throws {
    try await with { catalog in
      _ = try await catalog.land([landing("a", "a.mp4"), landing("a", "copy.mp4")])
      try await catalog.vanish(ClipFile(clip: clip("a"), path: "/micro/a.mp4", bytes: 7000, modified: 5))
      #expect(try await catalog.paths(root: "/micro") == ["copy.mp4"])
    }
  }
}
