internal import Acquisition
internal import Foundation
internal import Settings
internal import Vocabulary
internal import WorkUnits

/// The settings as the pipeline needs them: everything resolved, nothing left to look up.
struct Configuration: Sendable {
  struct Source: Sendable {
    var settings: SourceSettings
    var fetcher: any Fetcher
    /// True when it goes on to give after all has come.
    var seeds: Bool

    var id: String { settings.id }
    /// False for what lies on this machine: it is nobody's to remove.
    var isFetched: Bool { if case .local = settings.origin { false } else { true } }

    /// What makes it another source. Where the digest is known the addresses do not matter: the same bytes from another
    /// mirror are the same source.
    func key() throws -> StageKey {
      let inputs: [String] =
        switch settings.origin {
        case .web(let urls): settings.digest.map { [$0.hex] } ?? urls
        case .local(let paths): paths.map(\.display)
        // Web seeds bring the same bytes.
        case .torrent(let torrent, _): [torrent] + settings.files
        }
      let role = settings.role == .clips ? [] : [settings.role.rawValue]
      return try StageKey(stage: "source", version: 2, inputs: inputs + role)
    }
  }

  var state: StateDirectory
  var sources: [Source]
  /// What all torrents share; closed when every fetcher has ended.
  var torrents: TorrentSession?
  var folders: [BytePath]
  var backbones: [BackboneUse]
  /// Units at once.
  var slots: Int
  var ensemble: EnsembleSettings
  var schedule: World.Schedule
  /// Bytes that stay free; nil for the default.
  var reserve: Int64?
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

  /// What a worker's environment holds, and nothing else: no secret of the daemon's, no locale, no thread of its own.
  var workerEnvironment: [String: String] {
    [
      "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OPENBLAS_CORETYPE": kernels,
      "OMP_NUM_THREADS": "1",
    ]
  }
}
