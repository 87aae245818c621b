package import Vocabulary

/// A first-level model of the ensemble: what it reads and how it is built. A table of these is the ensemble.
package struct MemberModel: Sendable, Codable, Hashable {
  package enum Kind: String, Sendable, Codable {
    /// Attention and max-min over time, metadata branch, two dense layers; no recurrence.
    case dense
    /// Two recurrences that read backwards below the attention.
    case rnn
  }

  /// Clips of a step.
  package struct Batches: Sendable, Codable, Hashable {
    /// All of them labelled.
    package var plain: Int
    /// With pseudo-labels: so many that have a label, and so many that have none.
    package var labelled: Int
    package var unlabelled: Int

    package init(plain: Int, labelled: Int, unlabelled: Int) {
      self.plain = plain
      self.labelled = labelled
      self.unlabelled = unlabelled
    }

    /// The reference solution's for most of its models.
    package static let usual = Batches(plain: 64, labelled: 44, unlabelled: 20)
  }

  /// `motion-dense`, `resnet152-rnn`, ...: also its folder under `runs/<key>/`.
  package var name: String
  package var kind: Kind
  /// Indices into the data set's feature sets; several are joined on the feature axis.
  package var inputs: [Int]
  /// The one class that it answers for; nil for all.
  package var onlyClass: Int?
  package var batches: Batches

  package init(name: String, kind: Kind, inputs: [Int], onlyClass: Int? = nil, batches: Batches = .usual) {
    self.name = name
    self.kind = kind
    self.inputs = inputs
    self.onlyClass = onlyClass
    self.batches = batches
  }

  /// The classes that it answers for, of so many.
  package func classes(of count: Int) -> Range<Int> { onlyClass.map { $0..<$0 + 1 } ?? 0..<count }
}

/// A trained member: one published directory per fold, in the order of the folds.
package struct TrainedMember: Sendable, Codable, Hashable {
  package var member: MemberModel
  package var folds: [BytePath]

  package init(member: MemberModel, folds: [BytePath]) {
    self.member = member
    self.folds = folds
  }
}
