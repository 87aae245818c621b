internal import Foundation
internal import Vocabulary

/// Compiled networks on disk, shared by workers. It is only a shortcut: what is missing, damaged or unwritable is
/// compiled anew.
///
/// OpenVINO's own cache has no checksum, and a flipped bit in stored weights would change features without a word. So
/// an entry here is the SHA-256 of a blob followed by the blob, named by its backbone and by what it was made from, and renamed into place.
struct CompiledCache {
  private let entry: URL

  private struct Inputs: Encodable {
    var model: Digest
    var shape: [Int]
    var precision: Precision
    var identity: [String]
  }

  init(_ folder: String, backbone: Backbone, precision: Precision, framesAtOnce: Int, identity: [String]) throws {
    let key = try StageKey(
      stage: "compiled", version: 1,
      inputs: Inputs(
        model: backbone.model, shape: [framesAtOnce, backbone.sampling.side, backbone.width], precision: precision,
        identity: identity))
    entry = URL(filePath: folder).appending(path: "\(backbone.compiledPrefix)\(key.name).openvino")
  }

  /// The blob, or nil when there is none that is whole.
  func load() -> Data? {
    guard let data = try? Data(contentsOf: entry, options: .mappedIfSafe), data.count > 32 else { return nil }
    let blob = data.dropFirst(32)
    return Digest(of: blob).bytes == Array(data.prefix(32)) ? blob : nil
  }

  /// - Parameter export: writes the blob to a path.
  func store(export: (String) throws -> Void) {
    let scratch = entry.deletingLastPathComponent().appending(path: ".\(UUID().uuidString).partial")
    defer { try? FileManager.default.removeItem(at: scratch) }
    do {
      try FileManager.default.createDirectory(
        at: entry.deletingLastPathComponent(), withIntermediateDirectories: true)
      try export(scratch.path(percentEncoded: false))
      let blob = try Data(contentsOf: scratch)
      try (Data(Digest(of: blob).bytes) + blob).write(to: entry, options: .atomic)
    } catch {
      // A full or read-only disk: the network is compiled already, and the next worker compiles it again.
    }
  }
}
