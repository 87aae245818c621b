import Backbones
import Foundation
import Inference
import TestSupport
import Testing
import Vocabulary

struct OpenVINOEngineTests {
  @Test(arguments: EngineConformance.checks) func conforms(check: EngineConformance) throws {
    try check.run { try OpenVINOEngine(network: $0, backbone: $1, precision: .float32, cache: nil) }
  }

  @Test(arguments: EngineConformance.checks) func conformsWithACache(check: EngineConformance) throws {
    try Scratch.with { scratch in
      let cache = BytePath(scratch.appending(path: "cache").path)
      for _ in 0..<2 {
        try check.run { try OpenVINOEngine(network: $0, backbone: $1, precision: .float32, cache: cache) }
      }
    }
  }

  private static let network = TinyNetwork(.clipDifferences)

  private static func features(cache: URL?) throws -> [Float] {
    let engine = try OpenVINOEngine(
      network: .bytes(network.bytes), backbone: network.backbone, precision: .float32,
      cache: cache.map { BytePath($0.path) })
    return try EngineConformance.features(engine, network.clip(seed: 1))
  }

  static let damages: [(name: String, damage: @Sendable (inout Data) -> Void)] = [
    ("empty", { $0 = Data() }), ("short", { $0 = $0.prefix($0.count / 2) }),
    ("flipped bit", { $0[$0.count * 3 / 4] ^= 1 }), ("longer", { $0 += [0] }),
    (
      "whole, but no network",
      { $0 = Data(Digest(of: Data("no network".utf8)).bytes) + Data("no network".utf8) }
    ),
  ]

  @Test(arguments: damages.indices) func aDamagedCacheEntryIsReplaced(index: Int) throws {
    try Scratch.with { scratch in
      let wanted = try Self.features(cache: scratch)
      let entries = try FileManager.default.contentsOfDirectory(at: scratch, includingPropertiesForKeys: nil)
      let entry = try #require(entries.first)
      #expect(entries.count == 1)
      #expect(entry.lastPathComponent.hasPrefix(Self.network.backbone.compiledPrefix))
      let good = try Data(contentsOf: entry)
      var bad = good
      Self.damages[index].damage(&bad)
      try bad.write(to: entry)
      #expect(try Self.features(cache: scratch) == wanted)
      let mended = try Data(contentsOf: entry)
      #expect(mended != bad, "\(Self.damages[index].name)")
      #expect(Digest(of: mended.dropFirst(32)).bytes == Array(mended.prefix(32)))
    }
  }

  @Test func aCacheThatCannotBeWrittenIsDoneWithout() throws {
    let wanted = try Self.features(cache: nil)
    #expect(try Self.features(cache: URL(filePath: "/proc/nowhere")) == wanted)
  }

  @Test func workersShareACache() async throws {
    let wanted = try Self.features(cache: nil)
    try await Scratch.with { scratch in
      try await withThrowingTaskGroup(of: [Float].self) { group in
        for _ in 0..<6 { group.addTask { try Self.features(cache: scratch) } }
        for try await features in group { #expect(features == wanted) }
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).count == 1)
    }
  }

  private static let computesInBFloat16 =
    (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.contains("avx512_bf16") == true

  private static func inBFloat16() throws -> OpenVINOEngine {
    try OpenVINOEngine(
      network: .bytes(network.bytes), backbone: network.backbone, precision: .bfloat16, cache: nil)
  }

  @Test(.enabled(if: !computesInBFloat16, "this processor computes in bfloat16"))
  func bfloat16IsRefusedWhereTheProcessorWouldNotComputeInIt() {
    EngineConformance.refusal(says: ["bfloat16", "features.precision"]) { try Self.inBFloat16() }
  }

  @Test(.enabled(if: computesInBFloat16, "this processor does not compute in bfloat16"))
  func bfloat16IsNear() throws {
    let found = try EngineConformance.features(Self.inBFloat16(), Self.network.clip(seed: 1))
    for (found, wanted) in zip(found, try Self.features(cache: nil)) { #expect(abs(found - wanted) < 0.02) }
  }

  private static let real = ProcessInfo.processInfo.environment["PRIMATRIX_TEST_BACKBONES"]

  @Test(.enabled(if: real != nil, "PRIMATRIX_TEST_BACKBONES is not set: no real network to try"))
  func aForeignNetworkIsRefusedWithWhatItIs() throws {
    let path = BytePath(try #require(Self.real)).appending("squeezenet_v1.1_taps1280.onnx")
    let backbone = Backbone(
      name: "squeezenet", model: Digest(of: []), sampling: Sampling(rateNumerator: 2, frames: 30, side: 227),
      taps: [Tap(name: "all", width: 1280)], licence: "MIT", origin: "keras-squeezenet")
    EngineConformance.refusal(says: ["\(path)", "squeezenet", "`input` float32 [?, 3, ?, ?]", "227, 227, 3]"]) {
      try OpenVINOEngine(network: .file(path), backbone: backbone, precision: .float32, cache: nil)
    }
  }
}
