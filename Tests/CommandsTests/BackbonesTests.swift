import Backbones
import Foundation
import TestSupport
import Testing
import Vocabulary

/// Networks that are installed, and that are not what their manifests say.
struct BackbonesTests {
  /// The mean colour of each frame: three features.
  private static var network: [UInt8] {
    let graph = OnnxGraph("colour")
    let side = OnnxGraph.Dimension.fixed(8)
    let frames = graph.input("frames", .uint8, [.free("N"), side, side, .fixed(3)])
    graph.output("features", frames.cast(.float32).mean([1, 2]).reshaped([-1, 3]), [.free("N"), .fixed(3)])
    return graph.bytes
  }

  private struct Result {
    var status: Int32
    var words: String
  }

  private static func manifest(_ name: String, frames: Int, side: Int, width: Int) -> String {
    """
    name = "\(name)"
    file = "colour.onnx"
    sha256 = "\(Digest(of: network).hex)"
    frames_per_second = 1
    frames_per_clip = \(frames)
    side = \(side)
    licence = "MIT"
    origin = "a test"
    [[tap]]
    name = "mean"
    width = \(width)
    """
  }

  /// A network `colour` under a manifest that claims `width` features, with the command's words.
  ///
  /// - Parameter beside: further manifests that are configured, by name, with the sides of their 60 frames.
  private func run(_ arguments: [String], width: Int, beside: KeyValuePairs<String, Int> = [:]) throws -> Result {
    try Scratch.with { scratch in
      let folder = scratch.appending(path: "backbones")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(Self.network).write(to: folder.appending(path: "colour.onnx"))
      let manifest = Self.manifest("colour", frames: 4, side: 8, width: width)
      for (name, side) in beside {
        try Data(Self.manifest(name, frames: 60, side: side, width: width).utf8)
          .write(to: folder.appending(path: "\(name).toml"))
      }
      try Data(manifest.utf8).write(to: folder.appending(path: "colour.toml"))
      let file = scratch.appending(path: "primatrix.toml")
      let names = (["colour"] + beside.map(\.key)).map { "\"\($0)\"" }.joined(separator: ", ")
      let settings = "state_dir = \"state\"\n[features]\nbackbone_dir = \"\(folder.path)\"\nbackbones = [\(names)]\n"
      try Data(settings.utf8).write(to: file)
      let process = Process()
      process.executableURL = Checkout.products.appending(path: "primatrixctl")
      process.arguments = ["--config", file.path] + arguments
      process.environment = ["PATH": "/usr/bin:/bin"]
      let pipe = Pipe()
      process.standardOutput = pipe
      process.standardError = pipe
      try process.run()
      let words = try pipe.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      return Result(status: process.terminationStatus, words: String(decoding: words, as: UTF8.self))
    }
  }

  @Test func aNetworkThatFitsIsGood() throws {
    let result = try run(["check-config"], width: 3)
    #expect(result.status == 0 && result.words.contains("is good"), "\(result.words)")
  }

  @Test func aNetworkThatDoesNotFitIsRefused() throws {
    let result = try run(["check-config"], width: 4)
    #expect(result.status == 78)
    for part in ["features.backbones", "colour.onnx", "`features` float32 [?, 3]", "4]", "taps"] {
      #expect(result.words.contains(part), "\(result.words)")
    }
  }

  /// Each of the two alone would be taken.
  @Test func networksWithMoreFramesThanAWorkerHoldsAreRefused() throws {
    let result = try run(["check-config"], width: 3, beside: ["large": 1250, "larger": 1251])
    #expect(result.status == 78)
    let words = "features.backbones: colour, large, larger: the frames of one clip would need more than 512 MiB"
    #expect(result.words.contains(words), "\(result.words)")
  }

  @Test func whatIsInstalledIsListed() throws {
    let result = try run(["backbones", "--measure"], width: 3)
    #expect(result.status == 0)
    for part in [
      "builtin/motion\n", "colour  (in use)", "3 a frame: mean 3", "4 a clip, 1 a second, 8 by 8 pixels",
      Digest(of: Self.network).hex, "MIT", "a test", "ms a frame",
    ] {
      #expect(result.words.contains(part), "\(result.words)")
    }
    #expect(!result.words.contains("problem"))
  }

  @Test func whatIsWrongIsListedToo() throws {
    let lines = try run(["backbones", "--json"], width: 4).words.split(separator: "\n")
    #expect(lines.count == 2 && lines[1].contains("\"problem\"") && lines[1].contains("\"used\":true"), "\(lines)")
  }
}
