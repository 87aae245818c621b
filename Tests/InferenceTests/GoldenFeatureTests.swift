import Backbones
import Foundation
import Inference
import TensorFiles
import TestSupport
import Testing
import Vocabulary
import WorkUnits

/// Features against what `scripts/golden/features.py` had PyTorch compute of the same frames.
struct GoldenFeatureTests {
  private static let golden = ProcessInfo.processInfo.environment["PRIMATRIX_TEST_GOLDEN"]

  @Test func aSmallNetworksAreThoseOfPyTorch() throws {
    let file = Checkout.root.appending(path: "Tests/Fixtures/features-golden.json")
    let wanted = try JSONDecoder().decode([Float].self, from: Data(contentsOf: file))
    let engine = try OpenVINOEngine(
      network: .bytes(GoldenNetwork.bytes), backbone: GoldenNetwork.backbone, precision: .float32, cache: nil)
    let found = try EngineConformance.features(engine, GoldenNetwork.clip)
    #expect(Self.difference(found, wanted) < 1e-5)
  }

  /// Of real frames, with the networks that the script left there.
  @Test(
    .enabled(if: golden != nil, "PRIMATRIX_TEST_GOLDEN is unset: no large networks with their features"),
    arguments: golden.map { names(in: $0) } ?? [])
  func aLargeNetworksAreThoseOfPyTorch(_ name: String) throws {
    let folder = BytePath(try #require(Self.golden))
    let use = try BackboneCatalog.resolve(name: name, directory: folder, precision: .float32)
    let engine = try OpenVINOEngine(
      network: .file(try #require(use.file)), backbone: use.backbone, precision: .float32, cache: nil)
    let file = try TensorFile(mapping: folder.appending("\(name).safetensors"))
    let found = try file.tensor("frames").withUnsafeBytes { try engine.features(of: $0) }
    let wanted = try file.tensor("features").floats
    // Each tap against its own largest feature: taps differ in size.
    var start = 0
    for tap in use.backbone.taps {
      let columns = start..<start + tap.width
      func part(_ features: [Float]) -> [Float] {
        (0..<use.backbone.sampling.frames).flatMap { row in columns.map { features[row * use.backbone.width + $0] } }
      }
      let difference = Self.difference(part(found), part(wanted))
      #expect(difference < 1e-4, "\(tap.name) differs by \(difference)")
      start = columns.upperBound
    }
  }

  private static func names(in folder: String) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.filter { $0.hasSuffix(".safetensors") }.map { String($0.dropLast(".safetensors".count)) }.sorted()
  }

  /// The largest difference as a part of the largest feature; infinite where there are not as many.
  private static func difference(_ found: [Float], _ wanted: [Float]) -> Float {
    guard found.count == wanted.count else { return .infinity }
    let largest = wanted.map(abs).max() ?? 0
    return (zip(found, wanted).map { abs($0 - $1) }.max() ?? 0) / largest
  }
}
