import Backbones
import Foundation
import Inference
import Testing
import Vocabulary

/// What every engine must do. An engine's test runs each check with its way to make one.
struct EngineConformance: CustomTestStringConvertible, Sendable {
  typealias Maker = (NetworkSource, Backbone) throws -> any InferenceEngine

  var testDescription: String
  var run: @Sendable (Maker) throws -> Void

  static let checks = [
    EngineConformance(testDescription: "a network with a free number of frames sees each frame alone") { make in
      let network = TinyNetwork(.frameMeans)
      let engine = try make(.bytes(network.bytes), network.backbone)
      let clip = network.clip(seed: 1)
      expect(try features(engine, clip), are: network.frameMeans(clip))
      var other = clip
      other.replaceSubrange(0..<network.frameSize, with: repeatElement(255, count: network.frameSize))
      #expect(
        try features(engine, other).dropFirst(network.backbone.width)
          == features(engine, clip).dropFirst(network.backbone.width))
    },
    EngineConformance(testDescription: "a network with a fixed number of frames sees the whole clip") { make in
      let network = TinyNetwork(.clipDifferences)
      let engine = try make(.bytes(network.bytes), network.backbone)
      let clip = network.clip(seed: 2)
      let means = network.frameMeans(clip)
      let width = network.backbone.width
      let clipMeans = (0..<width).map { column in
        (0..<TinyNetwork.frames).reduce(Float(0)) { $0 + means[$1 * width + column] } / Float(TinyNetwork.frames)
      }
      expect(try features(engine, clip), are: means.enumerated().map { $1 - clipMeans[$0 % width] })
    },
    EngineConformance(testDescription: "the same clip gives the same bytes, whatever was seen before and by any engine")
    {
      make in
      for kind in [TinyNetwork.Kind.frameMeans, .clipDifferences] {
        let network = TinyNetwork(kind)
        let engine = try make(.bytes(network.bytes), network.backbone)
        let clip = network.clip(seed: 3)
        let first = try features(engine, clip)
        #expect(try features(engine, clip) == first)
        _ = try features(engine, network.clip(seed: 4))
        #expect(try features(engine, clip) == first)
        let another = try make(.bytes(network.bytes), network.backbone)
        #expect(try features(another, clip) == first)
      }
    },
    EngineConformance(testDescription: "a network is read from a file of any name") { make in
      let network = TinyNetwork(.frameMeans)
      let path = FileManager.default.temporaryDirectory.appending(path: "nét \(UUID().uuidString).onnx")
      try Data(network.bytes).write(to: path)
      defer { try? FileManager.default.removeItem(at: path) }
      let clip = network.clip(seed: 5)
      let engine = try make(.file(BytePath(path.path(percentEncoded: false))), network.backbone)
      expect(try features(engine, clip), are: network.frameMeans(clip))
    },
    EngineConformance(testDescription: "frames of another size are refused") { make in
      let network = TinyNetwork(.frameMeans)
      let engine = try make(.bytes(network.bytes), network.backbone)
      let clip = network.clip(seed: 6)
      for wrong in [[], Array(clip.dropLast()), clip + [0], clip + clip] {
        refusal(says: ["tiny takes 5 frames of 8 by 8", "was given \(wrong.count)"]) { try features(engine, wrong) }
      }
      expect(try features(engine, clip), are: network.frameMeans(clip))
    },
    EngineConformance(testDescription: "what is no network is refused") { make in
      let network = TinyNetwork(.frameMeans)
      for bytes in [
        [], Array("hello".utf8), network.clip(seed: 7), Array(network.bytes.prefix(network.bytes.count / 2)),
      ] {
        refusal(says: ["tiny"]) { try make(.bytes(bytes), network.backbone) }
      }
      refusal(says: ["/nowhere/tiny.onnx"]) { try make(.file("/nowhere/tiny.onnx"), network.backbone) }
    },
    EngineConformance(testDescription: "a network that is not as its manifest says is refused") { make in
      for (kind, says) in TinyNetwork.misfits {
        let network = TinyNetwork(kind)
        refusal(says: ["tiny"] + says) { try make(.bytes(network.bytes), network.backbone) }
      }
    },
    EngineConformance(testDescription: "features that are no numbers are handed over as they are") { make in
      let network = TinyNetwork(.infinities)
      let engine = try make(.bytes(network.bytes), network.backbone)
      let found = try features(engine, [UInt8](repeating: 0, count: network.clipSize))
      #expect(found.count == 15 && found.allSatisfy { $0 == -.infinity })
      // The next clip is seen as if nothing had been.
      let clip = network.clip(seed: 8)
      expect(try features(engine, clip), are: network.frameMeans(clip).map { Float(log(Double($0))) })
      #expect(engine.runtime.contains { $0.isNumber })
    },
  ]

  static func features(_ engine: any InferenceEngine, _ clip: [UInt8]) throws -> [Float] {
    try clip.withUnsafeBytes { try engine.features(of: $0) }
  }

  static func expect(_ found: [Float], are wanted: [Float]) {
    #expect(found.count == wanted.count)
    for (index, (found, wanted)) in zip(found, wanted).enumerated() where abs(found - wanted) > 1e-4 {
      Issue.record("feature \(index) is \(found), not \(wanted)")
      return
    }
  }

  static func refusal(says: [String], _ body: () throws -> some Any) {
    let error = #expect(throws: InferenceError.self) { _ = try body() }
    for part in says {
      #expect(error?.description.contains(part) == true, "\(error?.description ?? "nothing") lacks \(part)")
    }
  }
}
