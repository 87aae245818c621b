import Cataloguing
import Foundation
import Pipeline
import TestSupport
import Testing

/// Clips whose files went bad after they had landed: they hold up nothing for ever, and nothing is lost that comes back.
struct SkipTests {
  private static let everything = ["near", "far", "micro"]

  private func with(_ clips: [String], _ body: (inout FeatureWorld) async throws -> Void) async throws {
    try await Scratch.with { scratch in
      var world = try FeatureWorld(in: scratch)
      for clip in clips { try await world.land(clip) }
      try await body(&world)
    }
  }

  /// Passes through all the rests of a file that stays bad.
  private func giveUp(_ clip: String, in world: inout FeatureWorld) async throws {
    for rest in ExtractStage.rests {
      world.now += rest - 1
      #expect(try await world.extract() == [:], "it rests")
      #expect(try await world.counts().resting == 1, "whoever plans a run waits for it")
      world.now += 1
      #expect(try await world.extract() == [clip: [rest == ExtractStage.rests.last ? "given up" : "unread"]])
    }
  }

  @Test func aFileThatStaysBadIsLeftOut() async throws {
    try await with(["a", "b"]) { world in
      world.unreadableFiles = ["a"]
      #expect(try await world.extract() == ["a": ["unread"], "b": Self.everything])
      try await giveUp("a", in: &world)
      #expect(try await world.faults() == ["a": "Input/output error"])
      world.now += 1_000_000_000
      try await world.restart()
      #expect(try await world.extract() == [:])
      let counts = try await world.counts()
      #expect(counts.pending == 0 && counts.resting == 0 && counts.faulty == 1)
      #expect(try await world.unreadable() == [], "nothing is known of the clip")
      // Until somebody has mended it.
      try await world.forgive(["b"])
      #expect(try await world.extract() == [:])
      world.unreadableFiles = []
      try await world.forgive(["a"])
      #expect(try await world.extract() == ["a": Self.everything])
      #expect(try await world.faults() == [:])
    }
  }

  @Test func aFaultThatPassesCostsNothing() async throws {
    try await with(["a", "b"]) { world in
      world.unreadableFiles = ["a"]
      _ = try await world.extract()
      for rest in ExtractStage.rests.dropLast() {
        world.now += rest
        #expect(try await world.extract() == ["a": ["unread"]])
      }
      world.unreadableFiles = []
      world.now += 10_000
      #expect(try await world.extract() == ["a": Self.everything])
      #expect(try await world.faults() == [:])
      // It begins anew with the next one.
      try world.use("near", "far", "third")
      world.unreadableFiles = ["a"]
      #expect(try await world.extract() == ["a": ["unread"], "b": ["third"]])
      try await giveUp("a", in: &world)
      try await world.forgive()
      world.unreadableFiles = []
      #expect(try await world.extract() == ["a": ["third"]])
    }
  }

  @Test func whatLandsAgainIsTriedAtOnce() async throws {
    try await with(["a", "b"]) { world in
      world.unreadableFiles = ["a"]
      _ = try await world.extract()
      try await giveUp("a", in: &world)
      world.unreadableFiles = []
      try await world.land("a")
      #expect(try await world.extract() == ["a": Self.everything])
    }
  }

  @Test func aCopyStandsInForAFileThatIsBad() async throws {
    try await with(["a", "b"]) { world in
      try await world.land("a", as: "copy")
      world.unreadableFiles = ["a"]
      #expect(try await world.extract() == ["a": ["unread"] + Self.everything, "b": Self.everything])
      #expect(try await world.counts().resting == 0)
      #expect(try await world.faults() == [:])
    }
  }

  /// Where not one of several can be read, it may be the disk: no file is to blame before it was tried alone.
  @Test func aDiskThatIsAwayCostsNoClip() async throws {
    try await with(["a", "b", "c"]) { world in
      world.unreadableFiles = ["a", "b", "c"]
      for _ in 0..<20 { #expect(try await world.extract() == ["a": ["unread"], "b": ["unread"], "c": ["unread"]]) }
      #expect(try await world.counts().pending == 3)
      #expect(try await world.extract(clipsAtOnce: 1) == ["a": ["unread"], "b": ["unread"], "c": ["unread"]])
      #expect(try await world.counts().resting == 3)
      world.unreadableFiles = []
      // Clocks may have been set: rests end with the daemon.
      world.now -= 500_000_000
      #expect(try await world.extract() == [:])
      try await world.restart()
      #expect(try await world.extract() == ["a": Self.everything, "b": Self.everything, "c": Self.everything])
    }
  }
}
