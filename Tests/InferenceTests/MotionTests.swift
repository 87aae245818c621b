import Backbones
import Foundation
import Inference
import TestSupport
import Testing
import Vocabulary

struct MotionTests {
  private static let frames = BuiltinMotion.sampling.frames
  private static let side = BuiltinMotion.sampling.side
  private static let width = BuiltinMotion.backbone.width
  /// 1 where something moves, -1 where nothing does.
  private static let presence = 23

  private static func features(_ clip: [UInt8]) throws -> [Float] {
    let engine = try OpenVINOEngine(
      network: .bytes(BuiltinMotion.network), backbone: BuiltinMotion.backbone, precision: .float32, cache: nil)
    return try EngineConformance.features(engine, clip)
  }

  /// - Parameter pixel: of a frame, row, column and channel.
  private static func clip(_ pixel: (Int, Int, Int, Int) -> Int) -> [UInt8] {
    var clip: [UInt8] = []
    clip.reserveCapacity(BuiltinMotion.sampling.byteCount)
    for t in 0..<frames {
      for y in 0..<side {
        for x in 0..<side {
          for c in 0..<3 { clip.append(UInt8(clamping: pixel(t, y, x, c))) }
        }
      }
    }
    return clip
  }

  private static func ground(_ y: Int, _ x: Int, _ c: Int) -> Int { 60 + (x * 3 + y * 5 + c * 40) % 64 }
  private static func noise(_ t: Int, _ y: Int, _ x: Int, _ c: Int) -> Int {
    (x * 31 + y * 57 + t * 101 + c * 13 + x * y * (t + 3)) % 5
  }

  /// The clip of motion-golden.py.
  private static let walk = clip { t, y, x, c in
    let t = min(t, 19)
    let onPatch = (8 + 3 * t..<40 + 3 * t).contains(x) && (50..<70).contains(y)
    let value = (onPatch ? 200 - 50 * c + (x * y) % 17 : ground(y, x, c)) + noise(t, y, x, c)
    return (5..<10).contains(t) ? value * 9 / 10 : value
  }

  private struct Golden: Decodable {
    var frame: Int
    var column: Int
    var value: Float
  }

  @Test func featuresAreThoseThatNumPyWorksOut() throws {
    let file = Checkout.root.appending(path: "Tests/Fixtures/motion-golden.json")
    let golden = try JSONDecoder().decode([Golden].self, from: Data(contentsOf: file))
    let found = try Self.features(Self.walk)
    #expect(golden.count > 150)
    for row in golden {
      let value = found[row.frame * Self.width + row.column]
      #expect(abs(value - row.value) < 1e-3, "frame \(row.frame), column \(row.column)")
    }
  }

  /// A short clip repeats its last frame: that must look like a pause, not like another scene.
  @Test func aRepeatedFrameLooksLikeItself() throws {
    let found = try Self.features(Self.walk)
    func row(_ frame: Int) -> ArraySlice<Float> { found[frame * Self.width..<(frame + 1) * Self.width] }
    let travel = 31..<40
    for frame in 20..<Self.frames {
      for (column, (value, wanted)) in zip(row(frame), row(19)).enumerated() where !travel.contains(column) {
        #expect(abs(value - wanted) < 1e-4, "frame \(frame), column \(column)")
      }
    }
  }

  static let stills: [(name: String, pixel: @Sendable (Int, Int, Int, Int) -> Int)] = [
    ("without noise", { _, y, x, c in ground(y, x, c) }),
    ("with noise", { t, y, x, c in ground(y, x, c) + noise(t, y, x, c) }),
    ("under a passing cloud", { t, y, x, c in ground(y, x, c) * (100 - 2 * abs(t - 15)) / 100 + noise(t, y, x, c) }),
    ("black", { _, _, _, _ in 0 }), ("white", { _, _, _, _ in 255 }),
  ]

  @Test(arguments: stills.indices) func aStillClipHasNoMotion(index: Int) throws {
    let found = try Self.features(Self.clip(Self.stills[index].pixel))
    for frame in 0..<Self.frames {
      #expect(found[frame * Self.width + Self.presence] == -1, "\(Self.stills[index].name), frame \(frame)")
    }
  }

  static let extremes: [@Sendable (Int, Int, Int, Int) -> Int] = [
    { _, _, _, _ in 0 }, { _, _, _, _ in 255 }, { t, _, _, _ in t % 2 * 255 }, { t, _, _, _ in t == 15 ? 255 : 0 },
    { _, y, x, _ in (x + y) % 2 * 255 }, { t, y, x, _ in (x + y + t) % 2 * 255 },
    { t, y, x, c in (x * 7919 + y * 104_729 + t * 1_299_709 + c * 613) % 256 },
  ]

  @Test(arguments: extremes.indices) func noClipGivesNumbersBeyondFloat16(index: Int) throws {
    let found = try Self.features(Self.clip(Self.extremes[index]))
    #expect(found.count == Self.frames * Self.width)
    #expect(found.allSatisfy { abs($0) <= 24 })
  }

  @Test func theWalkIsSeen() throws {
    let found = try Self.features(Self.walk)
    for frame in 0..<Self.frames { #expect(found[frame * Self.width + Self.presence] > 0.5, "frame \(frame)") }
  }

  /// The digest is part of every feature's fingerprint: changing the graph extracts all clips anew, so it should be meant.
  @Test func theBytesAreTheSameEverywhere() {
    #expect(Digest(of: BuiltinMotion.network).hex == "2e6e9f73057bbf035fa71219e2ce647d76aeda21242bc57bfdfbb5849ad10626")
    #expect(BuiltinMotion.taps.map(\.name) == ["scene", "region", "travel", "coat", "silhouette", "edges"])
    #expect(Self.width == 124)
  }
}
