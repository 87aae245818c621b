package import Vocabulary
package import WorkUnits

/// The first-level models that the configured backbones allow: with the reference solution's four, its nine.
package enum MemberTable {
  /// Features a frame beyond which the reference has smaller batches, and no recurrent model: nasnetalarge's 8064.
  private static let wide = 4096
  /// Backbones that a joined model takes at least.
  private static let joined = 3

  /// The reference's batches, where `[ensemble] batch` is 64.
  private enum Sizes {
    static let usual = MemberModel.Batches.usual
    static let wide = MemberModel.Batches(plain: 48, labelled: 36, unlabelled: 12)
    static let joined = MemberModel.Batches(plain: 48, labelled: 32, unlabelled: 16)
  }

  private struct Entry {
    var model: MemberModel
    /// Whether it is there without being named.
    var isUsual = true
  }

  /// The models of an ensemble for these classes, in the order of the second level's columns: recurrent ones, dense ones,
  /// joined ones.
  package static func members(
    _ sets: [Dataset.FeatureSet], classes: ClassList, _ settings: EnsembleSettings
  ) -> [MemberModel] {
    let blank = classes.names.firstIndex(of: ClassList.blank)
    let all = entries(sets, blank: blank, batch: settings.batch)
    return all.filter { settings.models?.contains($0.model.name) ?? $0.isUsual }.map(\.model)
  }

  /// What is wrong with `[ensemble] models`, a sentence each.
  package static func problems(_ sets: [Dataset.FeatureSet], _ settings: EnsembleSettings) -> [String] {
    // Which classes there are is not known before labels are read.
    let known = entries(sets, blank: 0, batch: settings.batch).map(\.model.name)
    let unknown = (settings.models ?? []).filter { !known.contains($0) }
    return unknown.map {
      "ensemble.models: there is no model \"\($0)\"; with these backbones there are \(known.joined(separator: ", "))"
    }
  }

  private static func entries(_ sets: [Dataset.FeatureSet], blank: Int?, batch: Int) -> [Entry] {
    func entry(
      _ name: String, _ kind: MemberModel.Kind, _ inputs: [Int], _ sizes: MemberModel.Batches, onlyClass: Int? = nil,
      isUsual: Bool = true
    ) -> Entry {
      let model = MemberModel(
        name: name, kind: kind, inputs: inputs, onlyClass: onlyClass, batches: sizes.scaled(to: batch))
      return Entry(model: model, isUsual: isUsual)
    }
    func name(_ set: Int) -> String { BytePath(sets[set].backbone).lastComponent.display }
    func isWide(_ set: Int) -> Bool { sets[set].width > wide }
    var all = sets.indices.map {
      entry("\(name($0))-rnn", .rnn, [$0], isWide($0) ? Sizes.wide : Sizes.usual, isUsual: !isWide($0))
    }
    all += sets.indices.map { entry("\(name($0))-dense", .dense, [$0], isWide($0) ? Sizes.wide : Sizes.usual) }
    let alike = joinable(sets)
    guard alike.count >= joined else { return all }
    all.append(entry("concat-dense", .dense, alike, Sizes.joined))
    if let blank { all.append(entry("concat-blank", .dense, alike, Sizes.joined, onlyClass: blank)) }
    return all
  }

  /// The backbones that see the same number of frames as most others do: only their features can be joined.
  private static func joinable(_ sets: [Dataset.FeatureSet]) -> [Int] {
    let groups = Dictionary(grouping: sets.indices) { sets[$0].frames }.values
    return groups.min { ($1.count, $0[0]) < ($0.count, $1[0]) } ?? []
  }
}

extension MemberModel.Batches {
  fileprivate func scaled(to batch: Int) -> Self {
    func scaled(_ clips: Int) -> Int { clips * batch / Self.usual.plain }
    return Self(plain: max(scaled(plain), 1), labelled: max(scaled(labelled), 1), unlabelled: scaled(unlabelled))
  }
}
