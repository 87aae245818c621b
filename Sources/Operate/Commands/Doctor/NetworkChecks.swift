internal import Backbones
internal import Foundation
internal import Settings
internal import Vocabulary
internal import WorkUnits

/// The networks of the configuration, looked into and measured by a worker.
struct NetworkChecks {
  private(set) var findings: [Finding] = []
  /// Those that are good, and how fast one worker is with each.
  private(set) var networks: [Estimate.Network] = []

  private static let next = "see `primatrixctl backbones`, and [features] in the configuration"

  init(_ settings: Settings) {
    var uses: [BackboneUse] = []
    for name in settings.features.backbones {
      do {
        uses.append(try BackboneCatalog.resolve(name, settings.features))
      } catch {
        findings.append(.failed("backbone \(name)", "\(error)", next: Self.next))
      }
    }
    if uses.count == settings.features.backbones.count {
      findings += MemberTable.problems(uses.map { Dataset.FeatureSet($0) }, settings.ensemble).map {
        .failed("models", $0, next: "correct [ensemble] models")
      }
      do {
        try BackboneCatalog.checkTogether(uses)
      } catch {
        findings.append(.failed("backbones", "\(error)", next: Self.next))
      }
    }
    do {
      let entries = try Inspection.run(InspectSpec(backbones: uses, measures: true))
      findings.append(.ok("OpenVINO", "loads"))
      for (use, entry) in zip(uses, entries) { judge(use, entry) }
    } catch {
      findings.append(.failed("OpenVINO", error.message, next: "install Primatrix whole, or run scripts/setup again"))
    }
  }

  private mutating func judge(_ use: BackboneUse, _ entry: InspectReport.Entry) {
    let subject = "backbone \(use.backbone.name)"
    if let problem = entry.problem {
      findings.append(.failed(subject, problem, next: Self.next))
      return
    }
    let frame = entry.secondsPerFrame ?? 0
    let seconds = frame * Double(use.backbone.sampling.frames)
    networks.append(Estimate.Network(backbone: use.backbone.name, seconds: seconds))
    findings.append(
      .ok(
        subject, String(format: "%.1f ms a frame, %.2f s a clip, in %@", frame * 1000, seconds, use.precision.rawValue))
    )
  }

  /// Seconds that a worker takes to decode a clip: the first of these that can be read and decoded.
  static func decodingSeconds(_ clips: [BytePath]) -> Double? {
    for path in clips {
      guard let clip = file(path), let (outcome, seconds) = try? Inspection.decode(clip), outcome?.hasFrames == true
      else { continue }
      return seconds
    }
    return nil
  }

  private static func file(_ path: BytePath) -> ClipFile? {
    var status = stat()
    guard path.withCString({ stat($0, &status) }) == 0,
      let data = try? Data(contentsOf: URL(filePath: path.display), options: .mappedIfSafe)
    else { return nil }
    let modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    return ClipFile(
      clip: ClipID(Digest(of: data)), path: path, bytes: Int64(status.st_size), modified: modified)
  }
}
