import Folding
import Foundation
import Testing
import Vocabulary

@Suite struct TimeRunsTests {
  private static func sighting(
    _ index: Int, _ folder: BytePath = "cam", at seconds: Int64, captured: Bool = true
  ) -> TimeRuns.Sighting {
    TimeRuns.Sighting(
      clip: FoldAssignmentTests.clip(index), folder: folder, modified: captured ? 0 : seconds * 1_000_000_000,
      captured: captured ? seconds : nil)
  }

  /// Clips that share a group, as sets of numbers.
  private static func runs(_ sightings: [TimeRuns.Sighting], gap: Double, clips: Int) -> Set<Set<Int>> {
    let groups = TimeRuns.groups(sightings, gap: gap)
    let numbers = (0..<clips).filter { groups[FoldAssignmentTests.clip($0)] != nil }
    return Set(Dictionary(grouping: numbers) { groups[FoldAssignmentTests.clip($0)] ?? "" }.values.map(Set.init))
  }

  @Test func aRunEndsWhereTheGapIsLonger() {
    let times: [Int64] = [0, 60, 180, 481, 600, 10_000]
    let sightings = times.enumerated().map { Self.sighting($0, at: $1) }
    #expect(Self.runs(sightings, gap: 300, clips: 6) == [[0, 1, 2], [3, 4]])
    #expect(Self.runs(sightings, gap: 301, clips: 6) == [[0, 1, 2, 3, 4]])
    #expect(Self.runs(sightings, gap: 30, clips: 6).isEmpty)
    #expect(Self.runs(sightings.reversed(), gap: 300, clips: 6) == [[0, 1, 2], [3, 4]])
  }

  @Test func anotherFolderIsAnotherCamera() {
    let sightings = [
      Self.sighting(0, "a", at: 0), Self.sighting(1, "b", at: 1), Self.sighting(2, "a", at: 2),
    ]
    #expect(Self.runs(sightings, gap: 10, clips: 3) == [[0, 2]])
  }

  @Test func theCamerasClockIsNotComparedWithTheDisks() {
    let sightings = [
      Self.sighting(0, at: 100), Self.sighting(1, at: 101, captured: false), Self.sighting(2, at: 102),
      Self.sighting(3, at: 103, captured: false),
    ]
    #expect(Self.runs(sightings, gap: 10, clips: 4) == [[0, 2], [1, 3]])
  }

  @Test func aClipInTwoPlacesTiesTheirRuns() {
    let sightings = [
      Self.sighting(0, "a", at: 0), Self.sighting(1, "a", at: 5), Self.sighting(1, "b", at: 700),
      Self.sighting(2, "b", at: 705), Self.sighting(3, "b", at: 9000),
    ]
    #expect(Self.runs(sightings, gap: 10, clips: 4) == [[0, 1, 2]])
  }

  @Test func runsAreNamedByFolderAndBegin() throws {
    let groups = TimeRuns.groups(
      [Self.sighting(0, "site/cam 3", at: 1_488_369_600), Self.sighting(1, "site/cam 3", at: 1_488_369_630)], gap: 60)
    let name = try #require(groups[FoldAssignmentTests.clip(0)])
    #expect(name.hasPrefix("site/cam 3 2017-03-01T12:00:00Z ") && groups[FoldAssignmentTests.clip(1)] == name)
    #expect(TimeRuns.groups([], gap: 60).isEmpty)
  }
}
