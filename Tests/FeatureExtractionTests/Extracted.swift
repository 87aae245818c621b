import FeatureExtraction
import Foundation
import FrameExchange
import Inference
import TensorFiles
import TestSupport
import Vocabulary
import WorkUnits

/// An extract unit run in this process with fake networks, and what it left.
struct Extracted {
  static let decoder = BytePath(Checkout.products.appending(path: "primatrix-worker").path)
  static let samplings = [
    Sampling(rateNumerator: 3, frames: 12, side: 20), Sampling(rateNumerator: 2, frames: 6, side: 12),
  ]

  var ledger: ExtractLedger
  var shards: [TensorFile?]
  var micro: TensorFile?
  /// File names and contents.
  var files: [String: Data]

  init(
    _ clips: [ClipFile], decoder: BytePath = decoder, patience: DecoderProcess.Patience = .standard,
    micro: MicroFormat? = nil, samplings: [Sampling] = samplings, in scratch: URL,
    engine: (BackboneUse) throws -> any InferenceEngine = { FakeEngine(sampling: $0.backbone.sampling) }
  ) throws {
    let output = scratch.appending(path: "output-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
    let backbones = try samplings.enumerated().map { try backbone("fake/\($0)", $1) }
    try ExtractWorker.run(
      ExtractSpec(clips: clips, backbones: backbones, cache: nil, micro: micro), output: BytePath(output.path),
      decoder: decoder, patience: patience, progress: { _ in }, engine: engine)
    var files: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: output.path) {
      files[name] = try Data(contentsOf: output.appending(path: name))
    }
    self.files = files
    ledger = try CanonicalJSON.decode(ExtractLedger.self, from: files[ExtractSpec.ledgerName] ?? Data())
    func open(_ name: String) throws -> TensorFile? {
      files[name] == nil ? nil : try TensorFile(mapping: BytePath(output.appending(path: name).path))
    }
    shards = try samplings.indices.map { try open(ExtractSpec.shardName($0)) }
    self.micro = try open(ExtractSpec.microName)
  }

  func outcome(_ file: ClipFile) -> ClipOutcome? { ledger.entries.first { $0.clip == file.clip }?.outcome }
}

/// A clip's file as the catalog would have it.
func clip(_ url: URL) throws -> ClipFile {
  let data = try Data(contentsOf: url)
  return ClipFile(clip: ClipID(Digest(of: data)), path: BytePath(url.path), bytes: Int64(data.count), modified: 0)
}
