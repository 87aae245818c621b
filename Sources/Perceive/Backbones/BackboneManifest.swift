internal import FrameExchange
internal import Settings
internal import Toml
internal import Vocabulary

/// NAME.toml: what a network is, beside its ONNX file.
struct BackboneManifest {
  static let sizeLimit = 1 << 20

  let backbone: Backbone
  /// The ONNX file, in the manifest's folder unless the path is absolute.
  let file: BytePath
  private let path: BytePath
  private let digestLine: Int
  private let fileLine: Int

  /// - Throws: `BackboneProblems`, all at once.
  init(_ text: [UInt8], name: String, at path: BytePath) throws(BackboneProblems) {
    let root: TomlNode
    do {
      root = try Toml.parse(text)
    } catch {
      throw BackboneProblems(["\(path):\(error.line): \(error.reason)"])
    }
    let complaints = Complaints(path)
    let values = Values(Section("", root, complaints), name)
    guard complaints.all.isEmpty, let backbone = values.backbone, let file = values.file else {
      throw BackboneProblems(complaints.all)
    }
    self.backbone = backbone
    self.file = file.isAbsolute ? file : path.deletingLastComponent.appending(file)
    self.path = path
    digestLine = Self.line(of: "sha256", root)
    fileLine = Self.line(of: "file", root)
  }

  /// - Throws: `BackboneProblems` when the network's file is not there or not the one that the manifest means.
  func checkFile() throws(BackboneProblems) {
    let found: Digest
    do {
      found = try FileBytes.digest(of: file)
    } catch {
      throw BackboneProblems([
        "\(path):\(fileLine): file: \(error); put the network there, or correct its name"
      ])
    }
    guard found == backbone.model else {
      throw BackboneProblems([
        "\(path):\(digestLine): sha256: \(file) has the digest \(found), not the one that stands here; "
          + "it is damaged or another version: fetch or export it again, or write its digest here"
      ])
    }
  }

  private static func line(of key: String, _ root: TomlNode) -> Int {
    if case .table(let entries) = root.value { entries[key]?.line ?? root.line } else { root.line }
  }

  /// The keys' values; what is wrong with them goes to the section's complaints.
  private struct Values {
    var backbone: Backbone?
    var file: BytePath?

    init(_ root: Section, _ name: String) {
      let named = root.value("name", "\"\(name)\", as the manifest's file is called") {
        if case .string(name) = $0 { name } else { nil }
      }
      let file = root.value("file", "the name of an ONNX file, as in \"\(name).onnx\"") {
        if case .string(let text) = $0, text.hasSuffix(".onnx"), !text.contains("\0") { text } else { nil }
      }
      let digest = root.value("sha256", "64 hexadecimal digits") {
        if case .string(let text) = $0 { Digest(hex: text) } else { nil }
      }
      let rate = root.value("frames_per_second", "a whole number from 1 to 120, or \"1/N\" for one frame in N seconds")
      {
        BackboneManifest.rate($0)
      }
      let frames = root.integer("frames_per_clip", 1...4096)
      let side = root.integer("side", 8...4096)
      let licence = root.string("licence")
      let origin = root.string("origin")
      let taps = root.sections("tap").map { Values.tap($0) }
      for (key, expected) in [
        ("name", "\"\(name)\", as the manifest's file is called"), ("file", "the name of the ONNX file"),
        ("sha256", "the digest of the ONNX file, as sha256sum prints it"),
        ("frames_per_second", "how many frames of a second the network sees"),
        ("frames_per_clip", "how many frames of a clip the network sees"),
        ("side", "width and height of a frame in pixels"), ("licence", "under which terms the weights may be used"),
        ("origin", "where the network comes from"),
        ("tap", "at least one [[tap]] with its name and width, in the order of the features"),
      ] where !root.wasGiven(key) {
        root.missing(key, expected)
      }
      if let frames, let side, frames * side * side * 3 > FrameLayout.slotLimit {
        root.complain(
          "side",
          "\(frames) frames of \(side) by \(side) pixels are more than \(FrameLayout.slotLimit >> 20) MiB; at most that is read"
        )
      }
      if root.wasGiven("tap"), taps.isEmpty { root.complain("tap", "at least one [[tap]] is needed") }
      let known = taps.compactMap { $0 }
      for (index, tap) in known.enumerated() where known[..<index].contains(where: { $0.name == tap.name }) {
        root.complain("tap", "\"\(tap.name)\" stands twice; every tap needs a name of its own")
      }
      root.finish()
      self.file = file.map { BytePath($0) }
      guard let named, let digest, let rate, let frames, let side, let licence, let origin, known.count == taps.count
      else { return }
      backbone = Backbone(
        name: named, model: digest,
        sampling: Sampling(rateNumerator: rate.0, rateDenominator: rate.1, frames: frames, side: side), taps: known,
        licence: licence, origin: origin)
    }

    private static func tap(_ section: Section) -> Tap? {
      let name = section.string("name")
      let width = section.integer("width", 1...1_000_000)
      if !section.wasGiven("name") { section.missing("name", "the tap's name") }
      if !section.wasGiven("width") { section.missing("width", "how many features the tap has") }
      section.finish()
      guard let name, let width else { return nil }
      return Tap(name: name, width: width)
    }
  }

  /// Samples per second as a ratio.
  private static func rate(_ value: TomlValue) -> (Int, Int)? {
    switch value {
    case .integer(let number) where (1...120).contains(number): return (number, 1)
    case .string(let text):
      guard text.hasPrefix("1/"), let seconds = Int(text.dropFirst(2)), (1...3600).contains(seconds) else { return nil }
      return (1, seconds)
    default: return nil
    }
  }
}
