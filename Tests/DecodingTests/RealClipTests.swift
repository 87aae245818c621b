import Foundation
import FrameExchange
import Testing
import Vocabulary
import WorkUnits

private let folder = ProcessInfo.processInfo.environment["PRIMATRIX_TEST_CLIPS"]

@Suite(.enabled(if: folder != nil, "PRIMATRIX_TEST_CLIPS is unset: no real clips to decode"))
struct RealClipTests {
  @Test func allDecode() throws {
    let root = URL(filePath: try #require(folder))
    let paths = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
      .compactMap { $0 as? URL }.filter { ["avi", "asf", "mp4"].contains($0.pathExtension.lowercased()) }
    #expect(paths.count == 35)
    for path in paths {
      let decoded = try Decoded(path, [Sampling(rateNumerator: 3, frames: 45, side: 64)])
      #expect(decoded.clip.outcome == .decoded, "\(path.lastPathComponent)")
      #expect(decoded.clip.frames == [45])
    }
  }

  /// To their ends, which for an AVI of repeated pictures is not where its frames are counted out.
  @Test func allHaveMicroClips() throws {
    let root = URL(filePath: try #require(folder))
    let paths = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
      .compactMap { $0 as? URL }.filter { ["avi", "asf", "mp4"].contains($0.pathExtension.lowercased()) }
    for path in paths {
      let decoded = try Decoded(path, [Sampling(rateNumerator: 3, frames: 45, side: 64)], micro: .standard)
      #expect(decoded.clip.outcome == .decoded, "\(path.lastPathComponent)")
      let bytes = try #require(decoded.micro)
      let micro = try #require(MicroClip(bytes, format: .standard)).facts
      let seconds = try #require(decoded.clip.facts).duration
      #expect(abs(Double(micro.frames) / 2 - min(seconds, 120)) <= 1.5, "\(path.lastPathComponent)")
    }
  }
}
