import Foundation
import Pipeline
import TestSupport
import Testing

/// Clips that could not be decoded, tried once more.
struct RetryTests {
  private static let everything = ["near", "far", "micro"]

  @Test func clipsThatWereSetAsideComeBack() async throws {
    try await Scratch.with { scratch in
      var world = try FeatureWorld(in: scratch)
      for name in ["a", "b"] { try await world.land(name) }
      try await world.setAside("a")
      #expect(try await world.extract() == ["b": Self.everything])
      #expect(try await world.setAside() == ["a"])
      try await world.reconsider(try await world.setAside())
      #expect(try await world.unreadable() == [])
      #expect(try await world.extract() == ["a": Self.everything])
      // It stays so for a daemon that has lost its catalog.
      try await world.loseCatalog()
      try await world.restart()
      #expect(try await world.extract() == [:])
      #expect(try await world.setAside() == [])
    }
  }

  /// One that a unit found unreadable beside others: they keep what they have.
  @Test func anUnreadableClipIsTriedAlone() async throws {
    try await Scratch.with { scratch in
      var world = try FeatureWorld(in: scratch)
      for name in ["a", "b", "c"] { try await world.land(name) }
      world.undecodable = ["b"]
      _ = try await world.extract()
      #expect(try await world.unreadable() == ["b"])
      #expect(try await world.setAside() == [], "no worker had died")
      let before = try await world.features()["a"]
      world.undecodable = []
      try await world.reconsider(["a", "b"])
      #expect(try await world.extract() == ["b": Self.everything])
      try await world.loseCatalog()
      try await world.restart()
      #expect(try await world.extract() == [:])
      #expect(try await world.unreadable() == [])
      #expect(try await world.features()["a"] == before)
    }
  }

  @Test func oneThatStaysUnreadableIsSo() async throws {
    try await Scratch.with { scratch in
      var world = try FeatureWorld(in: scratch)
      try await world.land("a")
      world.undecodable = ["a"]
      for _ in 0..<2 {
        #expect(try await world.extract() == ["a": Self.everything])
        #expect(try await world.unreadable() == ["a"])
        try await world.reconsider(["a"])
      }
    }
  }
}
