internal import Vocabulary
internal import WorkUnits

/// The first-level models that the configured backbones allow.
enum MemberTable {
  /// One dense model for each backbone, named by it: `builtin/motion` gives `motion-dense`.
  static func members(_ featureSets: [Dataset.FeatureSet]) -> [MemberModel] {
    featureSets.enumerated().map { index, features in
      let name = BytePath(features.backbone).lastComponent.display
      return MemberModel(name: "\(name)-dense", kind: .dense, inputs: [index])
    }
  }
}
