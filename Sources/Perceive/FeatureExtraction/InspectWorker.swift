internal import Backbones
internal import Foundation
internal import Inference
package import Vocabulary
package import WorkUnits

/// Reads each network as the extract worker would, and says what does not fit.
package enum InspectWorker {
  /// Writes `report.json` into `output`.
  ///
  /// - Throws: `WorkError(.environment)` when that cannot be written.
  package static func run(_ spec: InspectSpec, output: BytePath, progress: @escaping ProgressReport) throws {
    var entries: [InspectReport.Entry] = []
    for use in spec.backbones {
      entries.append(entry(use, spec))
      progress(WorkProgress(done: entries.count, total: spec.backbones.count, note: use.backbone.name))
    }
    let path = output.appending(InspectSpec.reportName)
    do {
      try CanonicalJSON.encodePretty(InspectReport(entries: entries)).write(to: URL(filePath: path.display))
    } catch {
      throw WorkError(.environment, "\(path): cannot be written: \(error.localizedDescription)")
    }
  }

  private static func entry(_ use: BackboneUse, _ spec: InspectSpec) -> InspectReport.Entry {
    var entry = InspectReport.Entry(backbone: use.backbone.name)
    do {
      let source = use.file.map(NetworkSource.file) ?? .bytes(BuiltinMotion.network)
      let framesAtOnce = try OpenVINOEngine.inspect(source, use.backbone, precision: use.precision)
      if spec.measures { entry.secondsPerFrame = try seconds(use, source, framesAtOnce, spec.cache) }
    } catch {
      entry.problem = "\(error)"
    }
    return entry
  }

  /// The best of a few rounds, after one that warms up. Networks that see frames alone see three of them.
  private static func seconds(
    _ use: BackboneUse, _ source: NetworkSource, _ framesAtOnce: Int, _ cache: BytePath?
  ) throws -> Double {
    var backbone = use.backbone
    if framesAtOnce == 1 { backbone.sampling.frames = min(backbone.sampling.frames, 3) }
    let engine = try OpenVINOEngine(network: source, backbone: backbone, precision: use.precision, cache: cache)
    let frames = [UInt8](repeating: 128, count: backbone.sampling.byteCount)
    var features: [Float] = []
    let rounds = try (0..<3).map { _ in
      try ContinuousClock().measure { features = try frames.withUnsafeBytes { try engine.features(of: $0) } }
    }
    guard features.allSatisfy(\.isFinite) else {
      throw InferenceError(
        "\(backbone.name) gives features of plain grey frames that are not finite; if it computes in bfloat16, try "
          + "features.precision = \"float32\"")
    }
    return (rounds.dropFirst().min() ?? .zero) / .seconds(backbone.sampling.frames)
  }
}
