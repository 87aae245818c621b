import Foundation
import Metadata
import Testing
import Vocabulary
import WorkUnits

@Suite struct MetadataScalerTests {
  private static func clip(_ index: Int) -> ClipID { ClipID(Digest(of: Data("\(index)".utf8))) }

  private static func clip(
    _ index: Int, _ width: Int, _ height: Int, bytes: Int64, micro: (bytes: Int, bitRate: Int64)?
  ) -> ClipMetadata {
    ClipMetadata(
      clip: clip(index), width: width, height: height, bytes: bytes,
      micro: micro.map { MicroFacts(bytes: $0.bytes, frames: 30, bitRate: $0.bitRate) })
  }

  /// Six clips of 720x404, six of 64x64, one of 8x8 without a micro clip; every other one is a little larger.
  private static let clips: [ClipMetadata] = (0..<13).map { index in
    let more = index % 2
    let micro = (bytes: 4000 + more * 400, bitRate: Int64(1000 + more * 200))
    return switch index {
    case 0..<6: clip(index, 720, 404, bytes: Int64(100 + more * 20), micro: micro)
    case 6..<12: clip(index, 64, 64, bytes: Int64(10 + more * 2), micro: micro)
    default: clip(index, 8, 8, bytes: 61, micro: nil)
    }
  }

  @Test func aClipIsComparedWithThoseOfItsResolution() {
    let scaler = MetadataScaler.fit(Self.clips)
    #expect(scaler.width == 5)
    // Resolutions by height, then width: 64x64, 720x404.
    #expect(scaler.vector(for: Self.clip(1, 720, 404, bytes: 120, micro: (4400, 1000))) == [0, 1, 1, -1, 1])
    #expect(scaler.vector(for: Self.clip(1, 64, 64, bytes: 10, micro: (4000, 1200))) == [1, 0, -1, 1, -1])
    // As far above as one can be.
    #expect(scaler.vector(for: Self.clip(1, 64, 64, bytes: 1 << 40, micro: (1 << 40, 1 << 40))) == [1, 0, 5, 5, 5])
  }

  @Test func aRareOrUnknownResolutionIsNoneOfTheKnown() {
    let scaler = MetadataScaler.fit(Self.clips)
    for (width, height) in [(8, 8), (404, 720)] {
      // Compared with the sizes of all clips; a micro clip that is not there is the average one.
      let vector = scaler.vector(for: Self.clip(1, width, height, bytes: 200, micro: nil))
      #expect(vector[..<2] == [0, 0] && vector[2] > 2 && vector[2] < 4 && vector[3...] == [0, 0])
    }
  }

  /// A hundredth of many clips is more than it takes to know how large those of a resolution are.
  @Test(arguments: [
    (200, 4, false), (200, 5, true), (2000, 19, false), (2000, 20, true), (9000, 49, false), (9000, 50, true),
  ])
  func fiftyClipsAreEnoughForAResolution(_ all: Int, _ rare: Int, _ isKnown: Bool) {
    let clips = (0..<all).map { Self.clip($0, $0 < rare ? 8 : 64, 64, bytes: Int64($0), micro: nil) }
    #expect(MetadataScaler.fit(clips).width == (isKnown ? 5 : 4))
  }

  @Test(arguments: [0, 1, 4])
  func fewClipsHaveNothingToBeComparedWith(_ count: Int) {
    let scaler = MetadataScaler.fit(Array(repeating: Self.clips[0], count: count))
    #expect(scaler.width == 3)
    #expect(scaler.vector(for: Self.clip(1, 720, 404, bytes: 1 << 40, micro: (1, 1))) == [0, 0, 0])
  }

  @Test func theOrderOfClipsChangesNothingAndFilesKeepEverything() throws {
    let scaler = MetadataScaler.fit(Self.clips)
    let bytes = try CanonicalJSON.encode(scaler)
    #expect(try CanonicalJSON.encode(MetadataScaler.fit(Self.clips.reversed())) == bytes)
    let again = try CanonicalJSON.decode(MetadataScaler.self, from: bytes)
    #expect(try CanonicalJSON.encode(again) == bytes)
    let clip = Self.clip(1, 720, 404, bytes: 111, micro: (4321, 1077))
    #expect(again.vector(for: clip) == scaler.vector(for: clip))
  }
}
