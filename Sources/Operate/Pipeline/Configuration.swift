internal import Foundation
internal import Vocabulary
internal import WorkUnits

/// The settings as the pipeline needs them: everything resolved, nothing left to look up.
struct Configuration: Sendable {
  struct Source: Sendable {
    var id: String
    var urls: [String]
    var digest: Digest?

    /// What makes it another source. Where the digest is known the addresses do not matter: the same bytes from another
    /// mirror are the same source.
    func key() throws -> StageKey {
      try StageKey(stage: "source", version: 1, inputs: digest.map { [$0.hex] } ?? urls)
    }
  }

  var state: StateDirectory
  var sources: [Source]
  var folders: [BytePath]
  var backbones: [BackboneUse]
  /// Units at once.
  var slots: Int
  var training: TrainSettings
  var schedule: World.Schedule
  /// Name of the OpenBLAS kernels that workers are told to use.
  var kernels: String
  var trainLabels: BytePath?
  var submissionFormat: BytePath?
  /// Whether tables beside the clips of watched folders are read as labels.
  var sidecars: Bool

  /// The best OpenBLAS kernels for this processor, by OpenBLAS's own names (`OPENBLAS_CORETYPE`). Chosen here and not by
  /// the library, so that what was used is known and part of a run's key.
  static func kernels(flags: Set<String>) -> String {
    if flags.isSuperset(of: ["avx512f", "avx512bw", "avx512vl", "avx512dq"]) { return "SkylakeX" }
    if flags.isSuperset(of: ["avx2", "fma"]) { return "Haswell" }
    return "Nehalem"
  }

  /// What `/proc/cpuinfo` lists for the first processor.
  static func processorFlags() -> Set<String> {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") })
    else { return [] }
    return Set(line.split(separator: ":").last.map { $0.split(separator: " ").map(String.init) } ?? [])
  }

  /// What a worker's environment holds, and nothing else: no secret of the daemon's, no locale, no thread of its own.
  var workerEnvironment: [String: String] {
    [
      "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OPENBLAS_CORETYPE": kernels,
      "OMP_NUM_THREADS": "1",
    ]
  }
}
