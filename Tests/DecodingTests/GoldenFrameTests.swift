import Foundation
import TestSupport
import Testing
import Vocabulary

private let folder = ProcessInfo.processInfo.environment["PRIMATRIX_TEST_CLIPS"]

/// Which frames are sampled, by `scripts/golden/frames.py`, and their pixels, by the ffmpeg command.
@Suite(.enabled(if: folder != nil, "PRIMATRIX_TEST_CLIPS is unset: no real clips to decode"))
struct GoldenFrameTests {
  struct Way: Sendable, CustomTestStringConvertible {
    /// As ffmpeg's scaler takes them.
    var flags: String
    var sampling: Sampling
    /// Which of the golden file's samplings that is.
    var index: Int
    /// Levels of 256 by which a frame may differ on average, and all of a clip's.
    var most: Double
    var mean: Double

    var testDescription: String { "\(flags), \(sampling.rateNumerator) a second" }
  }

  /// Without short cuts, where another frame would show; and as everybody calls it.
  private static let ways = [
    Way(
      flags: "bicubic+accurate_rnd+bitexact", sampling: Sampling(rateNumerator: 3, frames: 45, side: 48), index: 0,
      most: 0.05, mean: 0.02),
    Way(flags: "bicubic", sampling: Sampling(rateNumerator: 2, frames: 30, side: 65), index: 1, most: 4, mean: 1),
  ]

  @Test(arguments: ways) func framesAreTheReferences(_ way: Way) throws {
    let file = Checkout.root.appending(path: "Tests/Fixtures/frames-golden.json")
    let golden = try JSONDecoder().decode([String: [[Int]]].self, from: Data(contentsOf: file))
    let root = URL(filePath: try #require(folder))
    let clips = try #require(FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil))
      .compactMap { $0 as? URL }.filter { ["avi", "asf", "mp4"].contains($0.pathExtension.lowercased()) }
    #expect(clips.count == golden.count)
    for clip in clips {
      let name = clip.lastPathComponent
      let numbers = try #require(golden[Digest(of: Data(contentsOf: clip)).hex], "\(name) is unknown")[way.index]
      let decoded = try Decoded(clip, [way.sampling])
      let theirs = try Self.frames(numbers, of: clip, way)
      let size = way.sampling.byteCount / way.sampling.frames
      let differences = try numbers.enumerated().map { sample, number in
        let ours = decoded.frames[0][sample * size..<(sample + 1) * size]
        let sum = zip(ours, try #require(theirs[number])).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
        return Double(sum) / Double(size)
      }
      #expect(try #require(differences.max()) <= way.most, "\(name)")
      #expect(differences.reduce(0, +) / Double(differences.count) <= way.mean, "\(name)")
    }
  }

  /// Frames by their number, as the ffmpeg command decodes and scales them.
  private static func frames(_ numbers: [Int], of clip: URL, _ way: Way) throws -> [Int: ArraySlice<UInt8>] {
    let distinct = Set(numbers).sorted()
    let choice = distinct.map { "eq(n\\,\($0))" }.joined(separator: "+")
    let scale = "scale=\(way.sampling.side):\(way.sampling.side):flags=\(way.flags)"
    let bytes = try Command.run(
      "ffmpeg",
      [
        "-loglevel", "error", "-threads", "1", "-i", clip.path, "-an", "-vf", "select='\(choice)',\(scale)", "-vsync",
        "passthrough", "-f", "rawvideo", "-pix_fmt", "rgb24", "-",
      ])
    let size = way.sampling.byteCount / way.sampling.frames
    #expect(bytes.count == distinct.count * size)
    let all = Array(bytes)
    let frames = distinct.indices.map { all[$0 * size..<($0 + 1) * size] }
    return Dictionary(uniqueKeysWithValues: zip(distinct, frames))
  }
}
