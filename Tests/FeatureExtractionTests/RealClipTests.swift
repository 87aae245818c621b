import Foundation
import TestSupport
import Testing
import Vocabulary
import WorkUnits

private let folder = ProcessInfo.processInfo.environment["PRIMATRIX_TEST_CLIPS"]

@Suite(.enabled(if: folder != nil, "PRIMATRIX_TEST_CLIPS is unset: no real clips to extract"))
struct RealClipTests {
  /// The decoder's confinement takes away nothing that real clips need.
  @Test func theConfinedDecoderTakesThemAll() throws {
    let root = URL(filePath: try #require(folder))
    let clips = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
      .compactMap { $0 as? URL }.filter { ["avi", "asf", "mp4"].contains($0.pathExtension.lowercased()) }.map(clip)
    try Scratch.with { scratch in
      let extracted = try Extracted(clips, micro: .standard, in: scratch)
      #expect(extracted.ledger.entries.count == 35)
      for entry in extracted.ledger.entries { #expect(entry.outcome == .decoded && entry.micro != nil) }
    }
  }
}
