import Backbones
import Foundation
import TestSupport
import Testing
import Vocabulary
import WorkUnits

struct BackboneCatalogTests {
  private static let network = Array("not a network, but it has a digest".utf8)
  private static let good = """
    name = "mine"
    file = "mine.onnx"
    sha256 = "\(Digest(of: network).hex)"
    frames_per_second = 3
    frames_per_clip = 45
    side = 404
    licence = "MIT"
    origin = "here"
    [[tap]]
    name = "early"
    width = 100
    [[tap]]
    name = "late"
    width = 28
    """

  private func resolve(
    _ manifest: String, _ name: String = "mine", precision: Precision = .float32
  ) throws
    -> BackboneUse
  {
    try Scratch.with { scratch in
      try Data(Self.network).write(to: scratch.appending(path: "mine.onnx"))
      try Data(manifest.utf8).write(to: scratch.appending(path: "mine.toml"))
      return try BackboneCatalog.resolve(name: name, directory: BytePath(scratch.path), precision: precision)
    }
  }

  @Test func aManifestIsRead() throws {
    let use = try resolve(Self.good, precision: .bfloat16)
    #expect(
      use.backbone
        == Backbone(
          name: "mine", model: Digest(of: Self.network), sampling: Sampling(rateNumerator: 3, frames: 45, side: 404),
          taps: [Tap(name: "early", width: 100), Tap(name: "late", width: 28)], licence: "MIT", origin: "here"))
    #expect(use.backbone.width == 128)
    #expect(use.file?.lastComponent == "mine.onnx")
    #expect(use.file?.isAbsolute == true)
    #expect(use.precision == .bfloat16)
  }

  @Test func aRateMayBeBelowOneFrameASecond() throws {
    let use = try resolve(Self.good.replacing("frames_per_second = 3", with: "frames_per_second = \"1/2\""))
    #expect(use.backbone.sampling.rateNumerator == 1)
    #expect(use.backbone.sampling.rateDenominator == 2)
  }

  /// What stands in place of what, and what the complaint must say.
  static let bad: [(old: String, new: String, says: [String])] = [
    ("side = 404", "side = 4", ["mine.toml:6: side", "8 to 4096", "got 4"]),
    ("side = 404", "", ["mine.toml:1: side is missing"]),
    ("side = 404", "sides = 404", ["mine.toml:6: sides", "did you mean side?"]),
    ("frames_per_second = 3", "frames_per_second = 0.3", ["mine.toml:4: frames_per_second", "\"1/N\""]),
    ("frames_per_second = 3", "frames_per_second = \"1/0\"", ["frames_per_second", "got \"1/0\""]),
    ("frames_per_clip = 45\nside = 404", "frames_per_clip = 4096\nside = 4096", ["512 MiB"]),
    // Fewer than 1 GiB, which a manifest could have and no unit could extract.
    ("frames_per_clip = 45\nside = 404", "frames_per_clip = 150\nside = 1300", ["512 MiB"]),
    ("name = \"mine\"", "name = \"yours\"", ["mine.toml:1: name", "\"mine\"", "got \"yours\""]),
    ("\"mine.onnx\"", "\"mine.xml\"", ["mine.toml:2: file", "ONNX"]),
    ("\"mine.onnx\"", "\"other.onnx\"", ["mine.toml:2: file", "other.onnx", "No such file"]),
    ("sha256 = \"", "sha256 = \"0", ["mine.toml:3: sha256", "64 hexadecimal"]),
    (
      "sha256 = \"\(Digest(of: network).hex)\"", "sha256 = \"\(Digest(of: [0]).hex)\"",
      ["mine.toml:3: sha256", Digest(of: network).hex, "fetch or export it again"]
    ),
    ("width = 28", "width = -1", ["mine.toml:14: [[tap]].width"]),
    ("width = 28", "", ["mine.toml:12: [[tap]].width is missing"]),
    ("\"late\"", "\"early\"", ["\"early\" stands twice"]),
    (
      "[[tap]]\nname = \"early\"\nwidth = 100\n[[tap]]\nname = \"late\"\nwidth = 28", "tap = []",
      ["mine.toml:1: tap", "at least one"]
    ),
    ("licence = \"MIT\"", "licence = ", ["mine.toml:7:"]),
  ]

  @Test(arguments: bad) func aMistakeIsNamed(old: String, new: String, says: [String]) {
    let problems = #expect(throws: BackboneProblems.self) { try resolve(Self.good.replacing(old, with: new)) }
    for part in says {
      #expect(problems?.description.contains(part) == true, "\(problems?.description ?? "nothing") lacks \(part)")
    }
  }

  @Test func allMistakesAreToldAtOnce() {
    let problems = #expect(throws: BackboneProblems.self) { try resolve("side = 1\nbogus = 2") }
    #expect(problems?.problems.count == 10, "\(problems?.description ?? "nothing")")
  }

  @Test(arguments: [
    ("mime", "did you mean mine?"), ("zzzzzzzzzzzz", "there are builtin/motion, mine"),
    ("builtin/moton", "did you mean builtin/motion?"), ("../mine", "no backbone"), ("", "no backbone"),
  ]) func anUnknownNameIsAnsweredWithThoseThereAre(name: String, says: String) {
    let problems = #expect(throws: BackboneProblems.self) { try resolve(Self.good, name) }
    #expect(problems?.description.contains(says) == true, "\(problems?.description ?? "nothing")")
  }

  @Test func theShippedExampleIsGoodButForTheNetwork() throws {
    let example = Checkout.root.appending(path: "etc/backbones/resnet152.toml.example")
    try Scratch.with { scratch in
      try FileManager.default.copyItem(at: example, to: scratch.appending(path: "resnet152.toml"))
      let problems = #expect(throws: BackboneProblems.self) {
        try BackboneCatalog.resolve(name: "resnet152", directory: BytePath(scratch.path), precision: .float32)
      }
      #expect(problems?.problems.count == 1)
      #expect(problems?.description.contains("resnet152.onnx: cannot be read") == true)
    }
  }

  @Test func theBuiltinNeedsNoFolderAndComputesInFloat32() throws {
    let use = try BackboneCatalog.resolve(name: "builtin/motion", directory: nil, precision: .bfloat16)
    #expect(use.file == nil)
    #expect(use.precision == .float32)
    #expect(use.backbone.model == Digest(of: BuiltinMotion.network))
  }
}
