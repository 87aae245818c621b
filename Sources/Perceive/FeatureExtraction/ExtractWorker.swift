internal import Backbones
internal import Foundation
package import FrameExchange
package import Inference
internal import TensorFiles
package import Vocabulary
package import WorkUnits

/// Extracts the features of one unit's clips: a confined child decodes and makes the micro clips, the networks see the
/// frames here, and the next clip is decoded meanwhile.
package enum ExtractWorker {
  /// Writes a shard for each backbone, one of micro clips and `ledger.json` into `output`, an empty directory. The calling thread must live as
  /// long as the call: the decoder dies with it.
  ///
  /// - Parameter decoder: the `primatrix-worker` executable.
  /// - Throws: `WorkError`: `.input` for a network or sampling that cannot be used, `.environment` when the decoder or a
  ///   network cannot run or the disk is full, `.failure` for a network whose features are of no use for any clip.
  package static func run(
    _ spec: ExtractSpec, output: BytePath, decoder: BytePath, progress: @escaping ProgressReport
  ) throws {
    try run(spec, output: output, decoder: decoder, progress: progress) { use in
      try OpenVINOEngine(
        network: use.file.map(NetworkSource.file) ?? .bytes(BuiltinMotion.network), backbone: use.backbone,
        precision: use.precision, cache: spec.cache)
    }
  }

  /// The same with engines of the caller's choice.
  ///
  /// - Parameter patience: how long to wait for a clip's frames.
  package static func run(
    _ spec: ExtractSpec, output: BytePath, decoder: BytePath, patience: DecoderProcess.Patience = .standard,
    progress: @escaping ProgressReport, engine make: (BackboneUse) throws -> any InferenceEngine
  ) throws {
    let isLook = spec.backbones.isEmpty && spec.micro == nil
    let layout = try FrameLayout(
      of: isLook ? [look] : spec.backbones.map(\.backbone.sampling), micro: spec.micro)
    let feeder = ClipFeeder(distinct(spec.clips), layout: layout, decoder: decoder, patience: patience)
    // Networks take seconds to compile; the first clips are decoded meanwhile.
    try feeder.fill()
    var extraction = Extraction(
      networks: try spec.backbones.map { try Network($0, layout: layout, engine: make($0)) }, micro: spec.micro)
    var done = 0
    while let fed = try feeder.next() {
      try extraction.take(fed, frames: feeder.frames)
      done += 1
      progress(WorkProgress(done: done, total: feeder.count, note: fed.file.path.lastComponent.display))
    }
    try extraction.write(to: output, decoder: feeder.version)
  }

  /// What is decoded of clips that are only looked at: their facts come with it.
  private static let look = Sampling(rateNumerator: 1, frames: 1, side: 64)

  private static func distinct(_ clips: [ClipFile]) -> [ClipFile] {
    var seen: Set<ClipID> = []
    return clips.filter { seen.insert($0.clip).inserted }
  }
}

/// A backbone at work, and where its frames are.
struct Network {
  let use: BackboneUse
  let engine: any InferenceEngine
  /// Index of its sampling in the layout.
  let part: Int

  init(_ use: BackboneUse, layout: FrameLayout, engine: @autoclosure () throws -> any InferenceEngine) throws {
    guard let part = layout.samplings.firstIndex(of: use.backbone.sampling) else {
      preconditionFailure("the layout was made of these samplings")
    }
    do {
      self.engine = try engine()
    } catch let error as InferenceError {
      throw WorkError(.input, "\(use.backbone.name): \(error)")
    }
    self.use = use
    self.part = part
  }

  enum Finding {
    /// Float16 [frames, width].
    case features(TensorData)
    /// Features that no shard can hold. For people: what they are.
    case useless(String)
  }

  /// What the network makes of a clip.
  func look(at frames: UnsafeRawBufferPointer, of clip: ClipID) throws -> Finding {
    let values: [Float]
    do {
      values = try engine.features(of: frames)
    } catch let error as InferenceError {
      throw WorkError(.environment, "\(use.backbone.name): clip \(clip.digest.short): \(error)")
    }
    let shape = [use.backbone.sampling.frames, use.backbone.width]
    guard values.count == shape[0] * shape[1] else {
      throw WorkError(
        .failure, "\(use.backbone.name): \(values.count) features where its manifest says \(shape[0]) x \(shape[1])")
    }
    // False for NaN too. Float16 ends at 65504.
    guard values.allSatisfy({ abs($0) <= 65504 }) else {
      return .useless("its features from \(use.backbone.name) are not finite or too large for float16")
    }
    return .features(TensorData(name: clip.digest.hex, float16: values, shape: shape))
  }
}
