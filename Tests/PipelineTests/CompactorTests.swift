import Foundation
import Pipeline
import TestSupport
import Testing
import Vocabulary

/// What features take that nobody will ask for comes back; nothing else is ever lost, whenever the daemon dies.
struct CompactorTests {
  private static let everything = ["near", "far", "micro"]
  private static let start: Int64 = 1_000_000_000

  @Test(
    arguments: [(0, 3, .rewrite), (3, 0, .keep), (3, 2, .keep), (2, 2, .rewrite), (1, 15, .rewrite)]
      as [(Int, Int, Compactor.Verdict)])
  func compactionPays(live: Int, dead: Int, verdict: Compactor.Verdict) {
    #expect(Compactor.Verdict(live: live, dead: dead) == verdict)
  }

  /// Features of deleted clips go, a month after the clips; those of the others stay as they are.
  @Test func deletedClipsGiveTheirRoomBack() async throws {
    try await Scratch.with { scratch in
      var world = try FeatureWorld(in: scratch)
      for name in ["a", "b", "c"] { try await world.land(name) }
      _ = try await world.extract()
      let before = try await world.features()
      try await world.delete("a")
      try await world.delete("b")
      for age in [0, Compactor.patience - 1] {
        try await world.compact(now: 1_000_000_000 + age)
        #expect(try await world.files().count == 4)
        #expect(try world.tensors() == 9)
      }
      try await world.compact(now: 1_000_000_000 + Compactor.patience)
      #expect(try world.tensors() == 3)
      #expect(try await world.files().count == 4)
      #expect(try await world.features()["c"] == before["c"])
      try await world.restart()
      #expect(try await world.extract() == [:])
      // The last one goes with its files.
      try await world.delete("c")
      try await world.compact(now: 2_000_000_000)
      try await world.compact(now: 2_000_000_000 + Compactor.patience)
      #expect(try await world.files().isEmpty)
      // What comes back after that is new.
      try await world.land("a")
      #expect(try await world.extract() == ["a": Self.everything])
    }
  }

  /// A clip whose bytes are not what was written costs itself alone, its neighbours go on into the new shard.
  @Test func aDamagedClipDoesNotTakeItsNeighboursAlong() async throws {
    try await Scratch.with { scratch in
      var world = try FeatureWorld(in: scratch)
      for name in ["a", "b", "c", "d"] { try await world.land(name) }
      _ = try await world.extract()
      let before = try await world.features()
      for name in ["a", "b"] { try await world.delete(name) }
      try world.flip("features/far", clip: "c")
      try await world.compact(now: Self.start)
      try await world.compact(now: Self.start + Compactor.patience)
      #expect(try world.tensors() == 5)
      #expect(try await world.extract() == ["c": ["far"]])
      let after = try await world.features()
      #expect(after["c"] == before["c"] && after["d"] == before["d"])
    }
  }

  private static func unit(_ name: String, kind: String = "near", bytes: Int64 = 10, clips: Int = 1) -> Compactor.Unit {
    Compactor.Unit(name: name, kind: [BytePath(kind)], bytes: bytes, clips: clips)
  }

  @Test func smallNeighboursAreJoined() {
    let sizes = Compactor.Sizes(small: 25, full: 100, many: 6, clips: 40)
    func groups(_ units: [Compactor.Unit]) -> [[String]] {
      Compactor.groups(of: units.reversed(), sizes).map { $0.map(\.name) }
    }
    func units(_ count: Int, bytes: Int64 = 10, clips: Int = 1, kind: String = "near") -> [Compactor.Unit] {
      (0..<count).map {
        Self.unit("\(kind) \(String(UnicodeScalar(UInt8(97 + $0))))", kind: kind, bytes: bytes, clips: clips)
      }
    }
    #expect(groups([]) == [])
    #expect(groups(units(1)) == [])
    #expect(groups(units(4)) == [], "too few bytes, and too few units")
    #expect(groups(units(5)) == [["near a", "near b", "near c", "near d", "near e"]])
    #expect(groups(units(6, bytes: 1)).map(\.count) == [6])
    #expect(groups(units(5, bytes: 1)) == [])
    #expect(groups(units(9, bytes: 25)) == [], "large enough as they are")
    // The rest is for another day.
    #expect(groups(units(12)).map(\.count) == [10])
    #expect(groups(units(8, bytes: 24)).map(\.count) == [4, 4])
    #expect(groups(units(12, bytes: 1, clips: 9)).map(\.count) == [4, 4, 4])
    #expect(groups(units(12, bytes: 1, clips: 10)) == [])
    #expect(groups(units(4) + units(4, kind: "far")) == [], "what they hold differs")
    #expect(groups(units(5) + units(5, kind: "far")).map(\.count) == [5, 5])
  }

  /// Six clips, each of a unit of its own.
  private static func small(in scratch: URL) async throws -> FeatureWorld {
    var world = try FeatureWorld(in: scratch)
    for number in 0..<6 { try await world.land("clip \(number)") }
    _ = try await world.extract(clipsAtOnce: 1)
    return world
  }

  @Test func smallShardsBecomeOne() async throws {
    try await Scratch.with { scratch in
      var world = try await Self.small(in: scratch)
      let before = try await world.features()
      #expect(before.count == 6)
      #expect(try await world.files().count == 24)
      try await world.compact(now: Self.start)
      #expect(try await world.files().count == 4)
      #expect(try await world.features() == before)
      try await world.compact(now: Self.start)
      #expect(try await world.files().count == 4)
      #expect(try await world.extract() == [:])
      try await world.loseCatalog()
      try await world.restart()
      #expect(try await world.extract() == [:])
      #expect(try await world.features() == before)
    }
  }

  /// Whatever it had begun, the next start finds every feature, and the next round leaves what an undisturbed one leaves.
  @Test(arguments: [false, true]) func aDeathBetweenAnyTwoStepsCostsNothing(losesCatalog: Bool) async throws {
    var death = 0
    var hasDied = true
    while hasDied {
      death += 1
      hasDied = try await Scratch.with { scratch in
        var world = try await Self.small(in: scratch)
        let before = try await world.features()
        var hasDied = false
        do { try await world.compact(now: Self.start, death: death) } catch is FeatureWorld.Death { hasDied = true }
        try world.die()
        if losesCatalog { try await world.loseCatalog() }
        try await world.restart()
        #expect(try await world.extract() == [:], "after step \(death)")
        #expect(try await world.features() == before, "after step \(death)")
        // Others have come, so that what it had begun is not begun again.
        for number in 0..<4 { try await world.land("later \(number)") }
        _ = try await world.extract(clipsAtOnce: 1)
        try await world.compact(now: Self.start)
        #expect(try await world.files().count == 4, "after step \(death)")
        let after = try await world.features()
        #expect(after.count == 10 && before.allSatisfy { after[$0.key] == $0.value }, "after step \(death)")
        return hasDied
      }
    }
    // Three shards in two steps each, the ledger, the catalog, 18 shards and 6 ledgers, and the end in two.
    #expect(death - 1 == 6 + 1 + 1 + 24 + 2)
  }

  /// The disk has lost a new shard although it had said that it was there: what it was made from is still to be had, where
  /// the daemon had not come to remove it.
  @Test func aNewShardThatIsLostIsStillInTheOldOnes() async throws {
    for death in 7...12 {
      try await Scratch.with { scratch in
        var world = try await Self.small(in: scratch)
        let before = try await world.features()
        await #expect(throws: FeatureWorld.Death.self) { try await world.compact(now: Self.start, death: death) }
        try world.die()
        let key = try #require(try world.compacted().first)
        try world.damage("far", of: key) { _ in nil }
        try await world.restart()
        let made = try await world.extract()
        // The tenth step has removed the first unit's.
        #expect(made.count == (death < 10 ? 0 : 1), "after step \(death): \(made)")
        #expect(made.values.allSatisfy { $0 == ["far"] }, "after step \(death): \(made)")
        #expect(try await world.features() == before)
      }
    }
  }

  /// A life of arrivals, deletions, flipped bits, lost catalogs and deaths at any step: what is there once is never made
  /// again, but for the very tensors whose bits were flipped.
  @Test(arguments: UInt64(1)...6) func nothingIntactIsEverLost(seed: UInt64) async throws {
    try await Scratch.with { scratch in
      var random = SplitMix64(seed: seed)
      var world = try FeatureWorld(in: scratch)
      var (there, flipped): (Set<String>, Set<String>) = ([], [])
      var now = Self.start
      for round in 0..<40 {
        var new: Set<String> = []
        for number in 0..<random.below(5) { new.insert("\(round) \(number)") }
        // Some come back after they were deleted.
        if random.below(3) == 0, round > 3 { new.insert("\(random.below(round)) 0") }
        new.subtract(there)
        for clip in new { try await world.land(clip) }
        if let clip = there.sorted().first, random.below(2) == 0 {
          try await world.delete(clip)
          there.remove(clip)
        }
        if let clip = there.sorted().last, random.below(4) == 0 {
          try world.flip(["near", "far", "micro"][random.below(3)], clip: clip)
          flipped.insert(clip)
        }
        let made = try await world.extract(clipsAtOnce: 1 + random.below(3))
        #expect(Set(made.keys).subtracting(new).isSubset(of: flipped), "round \(round)")
        there.formUnion(new)
        now += Int64(random.below(20)) * 86400
        do {
          try await world.compact(now: now, death: random.below(2) == 0 ? 1 + random.below(60) : nil)
        } catch is FeatureWorld.Death {}
        try world.die()
        if random.below(4) == 0 { try await world.loseCatalog() }
        try await world.restart()
        let features = try await world.features()
        for clip in there.subtracting(flipped) {
          let bytes = Data(FeatureWorld.clip(clip).digest.bytes)
          #expect(features[clip] == [bytes, bytes, bytes], "\(clip) in round \(round)")
        }
      }
    }
  }

  /// A changed network's features go a month after the configuration; those that a run still needs, and micro clips, stay.
  @Test func featuresThatNobodyWantsAreDropped() async throws {
    try await Scratch.with { scratch in
      var world = try FeatureWorld(in: scratch)
      for name in ["a", "b"] { try await world.land(name) }
      _ = try await world.extract()
      let far = try #require(world.fingerprints["far"])
      try world.use("near")
      let month = Compactor.patience
      for (now, keeps) in [(0, false), (month - 1, false), (month, true)] {
        try await world.compact(now: Self.start + now, keeping: keeps ? [far] : [])
        #expect(try world.tensors() == 6)
      }
      // While it was wanted the month did not go on.
      try await world.compact(now: Self.start + month)
      try await world.compact(now: Self.start + 2 * month - 1)
      #expect(try world.tensors() == 6)
      try await world.compact(now: Self.start + 2 * month)
      #expect(try world.tensors() == 4)
      #expect(try await world.extract() == [:])
      try await world.restart()
      #expect(try await world.extract() == [:])
      try world.use("near", "far")
      #expect(try await world.extract() == ["a": ["far"], "b": ["far"]])
    }
  }

  @Test func compiledNetworksOfOtherBackbonesAreRemoved() throws {
    try Scratch.with { scratch in
      var world = try FeatureWorld(in: scratch)
      let prefixes = try ["near", "far"].map { try #require(world.compiledPrefixes[$0]) }
      let (near, far) = ("\(prefixes[0])1.openvino", "\(prefixes[1])1.openvino")
      for name in [near, far, "1.openvino", ".1.partial"] { try world.compile(name) }
      #expect(try world.sweepCompiled().sorted() == [near, far].sorted())
      try world.use("near")
      #expect(try world.sweepCompiled() == [near])
    }
  }
}
