package import Vocabulary

/// What a run learns from, or what a score unit scores: the clips, where their features are, and what is known of them. A
/// run learns from clips with labels, and in its pseudo-label epochs from some without.
/// Rows are in order of clip, so the same clips make the same bytes however they arrived.
package struct Dataset: Sendable, Codable {
  /// One backbone's features: [frames, width] per clip.
  package struct FeatureSet: Sendable, Codable, Hashable {
    package var backbone: String
    package var fingerprint: StageKey
    package var frames: Int
    package var width: Int

    package init(backbone: String, fingerprint: StageKey, frames: Int, width: Int) {
      self.backbone = backbone
      self.fingerprint = fingerprint
      self.frames = frames
      self.width = width
    }

    package init(_ use: BackboneUse) {
      self.init(
        backbone: use.backbone.name, fingerprint: use.fingerprint, frames: use.backbone.sampling.frames,
        width: use.backbone.width)
    }
  }

  package struct Row: Sendable, Codable {
    package var clip: ClipID
    /// Per feature set, the index into `shards` of the file that holds this clip's tensor; empty for a clip without
    /// features.
    package var shards: [Int]
    /// Standardised metadata features, the same number in every row.
    package var metadata: [Float]
    /// Nil for clips without a label.
    package var labels: Labels?
    /// The fold that holds the clip out, of the members' and of the second level's; nil for clips without a label.
    package var fold: Int?
    package var stackFold: Int?

    package init(
      clip: ClipID, shards: [Int], metadata: [Float], labels: Labels?, fold: Int?, stackFold: Int? = nil
    ) {
      self.clip = clip
      self.shards = shards
      self.metadata = metadata
      self.labels = labels
      self.fold = fold
      self.stackFold = stackFold
    }
  }

  package var classes: ClassList
  package var featureSets: [FeatureSet]
  /// Absolute paths of shard files.
  package var shards: [BytePath]
  package var rows: [Row]

  package init(classes: ClassList, featureSets: [FeatureSet], shards: [BytePath], rows: [Row]) {
    self.classes = classes
    self.featureSets = featureSets
    self.shards = shards
    self.rows = rows
  }
}
