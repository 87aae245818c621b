import Foundation
import Metadata
import Testing
import Vocabulary

@Suite struct MetadataScalerTests {
  private static func facts(_ width: Int, _ height: Int, bitRate: Int64?) -> ClipFacts {
    ClipFacts(
      container: "avi", codec: "mjpeg", width: width, height: height, decodedFrames: 1, frameCount: nil, frameRate: 1,
      duration: 1, bitRate: bitRate, hasAudio: false, captured: nil)
  }

  private static func clip(_ index: Int) -> ClipID { ClipID(Digest(of: Data("\(index)".utf8))) }

  /// Six clips of 720x404, six of 64x64, one of 8x8; every other one is a little larger.
  private static let clips: [(ClipID, ClipFacts, Int64)] = (0..<13).map { index in
    let more = Int64(index % 2)
    return switch index {
    case 0..<6: (clip(index), facts(720, 404, bitRate: 1000 + more * 200), 100 + more * 20)
    case 6..<12: (clip(index), facts(64, 64, bitRate: 1000 + more * 200), 10 + more * 2)
    default: (clip(index), facts(8, 8, bitRate: nil), 61)
    }
  }

  @Test func aClipIsComparedWithThoseOfItsResolution() {
    let scaler = MetadataScaler.fit(Self.clips)
    #expect(scaler.width == 4)
    // Resolutions by height, then width: 64x64, 720x404.
    #expect(scaler.vector(for: Self.facts(720, 404, bitRate: 1200), bytes: 120) == [0, 1, 1, 1])
    #expect(scaler.vector(for: Self.facts(64, 64, bitRate: 1000), bytes: 10) == [1, 0, -1, -1])
    // As far above as one can be.
    #expect(scaler.vector(for: Self.facts(64, 64, bitRate: 1 << 40), bytes: 1 << 40) == [1, 0, 5, 5])
  }

  @Test func aRareOrUnknownResolutionIsNoneOfTheKnown() {
    let scaler = MetadataScaler.fit(Self.clips)
    for facts in [Self.facts(8, 8, bitRate: nil), Self.facts(404, 720, bitRate: nil)] {
      // Compared with the sizes of all clips; a bit rate that nobody knows is the average.
      let vector = scaler.vector(for: facts, bytes: 200)
      #expect(vector[..<2] == [0, 0] && vector[2] > 2 && vector[2] < 4 && vector[3] == 0)
    }
  }

  @Test(arguments: [0, 1, 4])
  func fewClipsHaveNothingToBeComparedWith(_ count: Int) {
    let scaler = MetadataScaler.fit(Array(repeating: Self.clips[0], count: count))
    #expect(scaler.width == 2)
    #expect(scaler.vector(for: Self.clips[1].1, bytes: 1 << 40) == [0, 0])
  }

  @Test func theOrderOfClipsChangesNothingAndFilesKeepEverything() throws {
    let scaler = MetadataScaler.fit(Self.clips)
    let bytes = try CanonicalJSON.encode(scaler)
    #expect(try CanonicalJSON.encode(MetadataScaler.fit(Self.clips.reversed())) == bytes)
    let again = try CanonicalJSON.decode(MetadataScaler.self, from: bytes)
    #expect(try CanonicalJSON.encode(again) == bytes)
    let (facts, size) = (Self.facts(720, 404, bitRate: 1077), Int64(111))
    #expect(again.vector(for: facts, bytes: size) == scaler.vector(for: facts, bytes: size))
  }
}
