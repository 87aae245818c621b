import Cataloguing
import Foundation
import Pipeline
import TensorFiles
import TestSupport
import Testing
import Vocabulary
import WorkUnits

/// Exactly what is stale is made again, whatever has changed.
struct ExtractStageTests {
  struct Change: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var apply: @Sendable (inout FeatureWorld) async throws -> Void
    /// By clip, what is made then: the backbones' names, and `micro`.
    var made: [String: [String]]
  }

  private static let everything = ["near", "far", "micro"]

  static let changes = [
    Change(testDescription: "nothing", apply: { _ in }, made: [:]),
    Change(testDescription: "a new clip", apply: { try await $0.land("d") }, made: ["d": everything]),
    Change(
      testDescription: "a clip replaced by another", apply: { try await $0.land("new", as: "a") },
      made: ["new": everything]),
    Change(testDescription: "a clip deleted", apply: { try await $0.delete("a") }, made: [:]),
    Change(testDescription: "a copy of a clip", apply: { try await $0.land("a", as: "copy") }, made: [:]),
    Change(
      testDescription: "a clip deleted that comes back",
      apply: {
        try await $0.delete("a")
        try await $0.restart()
        try await $0.land("a")
      }, made: [:]),
    Change(
      testDescription: "a new backbone", apply: { try $0.use("near", "far", "third") },
      made: ["a": ["third"], "b": ["third"], "c": ["third"]]),
    Change(testDescription: "a backbone fewer", apply: { try $0.use("near") }, made: [:]),
    Change(
      testDescription: "a changed backbone", apply: { try $0.use("near", "far", model: "weights 2") },
      made: ["a": ["near", "far"], "b": ["near", "far"], "c": ["near", "far"]]),
    Change(
      testDescription: "another sampling of one backbone", apply: { try $0.use("near", "far", farFrames: 7) },
      made: ["a": ["far"], "b": ["far"], "c": ["far"]]),
    Change(
      testDescription: "a shard cut off", apply: { try $0.damage("features/far") { $0.dropLast() } },
      made: ["a": ["far"], "b": ["far"], "c": ["far"]]),
    Change(
      testDescription: "a shard lost", apply: { try $0.damage("features/near") { _ in nil } },
      made: ["a": ["near"], "b": ["near"], "c": ["near"]]),
    Change(
      testDescription: "a shard that a worker found damaged",
      apply: { world in
        let (isKnown, isOther) = (try await world.lose("features/far"), try await world.loseUnknown("/etc/passwd"))
        #expect(isKnown && !isOther)
      }, made: ["a": ["far"], "b": ["far"], "c": ["far"]]),
    Change(
      testDescription: "one clip of a shard that a worker found damaged",
      apply: { world in
        let isKnown = try await world.lose("features/far", clip: "b")
        #expect(isKnown)
      }, made: ["b": ["far"]]),
    Change(
      testDescription: "all of them, one after the other",
      apply: { world in
        for clip in ["b", "a", "c"] {
          let isKnown = try await world.lose("features/far", clip: clip)
          #expect(isKnown)
        }
      }, made: ["a": ["far"], "b": ["far"], "c": ["far"]]),
    Change(
      testDescription: "the micro clips lost", apply: { try $0.damage("features/micro") { _ in nil } },
      made: ["a": ["micro"], "b": ["micro"], "c": ["micro"]]),
    Change(testDescription: "the catalog lost", apply: { try await $0.loseCatalog() }, made: [:]),
    Change(
      testDescription: "a new clip and a new backbone",
      apply: {
        try await $0.land("d")
        try $0.use("near", "far", "third")
      }, made: ["a": ["third"], "b": ["third"], "c": ["third"], "d": ["near", "far", "third", "micro"]]),
  ]

  @Test(arguments: changes) func onlyWhatIsStaleIsMadeAgain(_ change: Change) async throws {
    try await Scratch.with { scratch in
      var world = try FeatureWorld(in: scratch)
      for name in ["a", "b", "c"] { try await world.land(name) }
      #expect(try await world.extract() == ["a": Self.everything, "b": Self.everything, "c": Self.everything])
      try await change.apply(&world)
      try await world.restart()
      #expect(try await world.extract() == change.made)
      #expect(try await world.extract() == [:])
      // What is there now is what a daemon finds that has lost its catalog.
      try await world.loseCatalog()
      try await world.restart()
      #expect(try await world.extract() == [:])
    }
  }
}
