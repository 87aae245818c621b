internal import Cataloguing
internal import Folding
internal import Foundation
internal import Metadata
internal import Vocabulary
internal import WorkUnits

/// A run as it was decided: `runs/<key>/plan.json`. Whatever arrives later, a run that was planned is finished as it is.
struct RunPlan: Sendable, Codable {
  struct Row: Sendable, Codable {
    var clip: ClipID
    var labels: Labels
    var fold: Int
    /// Nil where there is no second level.
    var stackFold: Int?
    var metadata: [Float]
  }

  /// A clip without a label that may take part in the epochs with pseudo-labels.
  struct Unlabelled: Sendable, Codable {
    var clip: ClipID
    var metadata: [Float]
  }

  var classes: ClassList
  var featureSets: [Dataset.FeatureSet]
  var members: [MemberModel]
  var settings: TrainSettings
  /// Fitted on all clips known when the run was planned, applied unchanged to later ones.
  var scaler: MetadataScaler
  /// OpenBLAS kernels: other kernels give other last digits.
  var kernels: String
  var rows: [Row]
  var unlabelled: [Unlabelled]
  /// Nil where networks are trained from their beginning.
  var warm: WarmStart?

  /// Raise it when training, stacking or scoring give other bytes for the same plan: ensembles are then trained anew.
  private static let codeVersion = 3

  /// Everything that the run's products depend on.
  func key() throws -> StageKey { try StageKey(stage: "run", version: Self.codeVersion, inputs: self) }

  /// Which clips are learned from, with which labels.
  static func learning(_ rows: [(clip: ClipID, labels: Labels)]) throws -> StageKey {
    try StageKey(stage: "learning", version: 1, inputs: rows.map { "\($0.clip) \($0.labels.digits)" })
  }

  /// The settings that shape a run; under others it is not continued.
  static func settingsKey(
    classes: ClassList, featureSets: [Dataset.FeatureSet], members: [MemberModel], settings: TrainSettings
  ) throws -> StageKey {
    struct Inputs: Encodable {
      var classes: ClassList
      var featureSets: [Dataset.FeatureSet]
      var members: [MemberModel]
      var settings: TrainSettings
    }
    return try StageKey(
      stage: "run settings", version: codeVersion,
      inputs: Inputs(classes: classes, featureSets: featureSets, members: members, settings: settings))
  }

  /// What the run learns from, with the clips' features where they lie now; nil while some of them are missing.
  func dataset(ready: [ReadyClip], state: StateDirectory) -> Dataset? {
    var clips: [ClipID: ReadyClip] = [:]
    for clip in ready { clips[clip.clip] = clip }
    var shards = ShardTable(state: state)
    var dataset: [Dataset.Row] = []
    for row in rows {
      guard let clip = clips[row.clip] else { return nil }
      dataset.append(
        Dataset.Row(
          clip: row.clip, shards: clip.shards.map { shards.index(of: $0) }, metadata: row.metadata, labels: row.labels,
          fold: row.fold, stackFold: row.stackFold))
    }
    for row in unlabelled {
      guard let clip = clips[row.clip] else { return nil }
      dataset.append(
        Dataset.Row(
          clip: row.clip, shards: clip.shards.map { shards.index(of: $0) }, metadata: row.metadata, labels: nil,
          fold: nil))
    }
    dataset.sort { $0.clip < $1.clip }
    return Dataset(classes: classes, featureSets: featureSets, shards: shards.paths, rows: dataset)
  }

  /// What is to be scored: clips without labels.
  func dataset(scoring ready: [ReadyClip], state: StateDirectory) -> Dataset {
    var shards = ShardTable(state: state)
    let rows = ready.sorted { $0.clip < $1.clip }.map { clip in
      Dataset.Row(
        clip: clip.clip, shards: clip.shards.map { shards.index(of: $0) },
        metadata: scaler.vector(for: clip.metadata), labels: nil, fold: nil)
    }
    return Dataset(classes: classes, featureSets: featureSets, shards: shards.paths, rows: rows)
  }
}

extension ReadyClip {
  var metadata: ClipMetadata {
    ClipMetadata(clip: clip, width: facts.width, height: facts.height, bytes: bytes, micro: micro)
  }
}

/// Numbers shard paths in the order of their first use.
private struct ShardTable {
  let state: StateDirectory
  private(set) var paths: [BytePath] = []
  private var indices: [BytePath: Int] = [:]

  init(state: StateDirectory) { self.state = state }

  mutating func index(of relative: BytePath) -> Int {
    if let index = indices[relative] { return index }
    indices[relative] = paths.count
    paths.append(state.absolute(relative))
    return paths.count - 1
  }
}
