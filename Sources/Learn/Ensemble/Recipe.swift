internal import Networks
package import WorkUnits

/// How a number of training clips is trained on: the reference solution's settings where clips are many.
///
/// With few, a batch of 64 would make an epoch of a step or two, too few to learn much in 15 epochs and to measure
/// statistics. So a batch is a quarter of the clips, but 16 at least, and moving statistics look back over an epoch.
/// Measured on drawn clips, 77 of them labelled, as the log loss of 450 others (priors 0.120): this 0.083 and 0.078 for
/// two backbones; batches of 8 0.084 and 0.082, one of 64 0.090; Keras's momentum 0.090; more dropout or narrower layers
/// were worse.
package struct Recipe: Sendable, Equatable {
  /// Clips of a batch at most; where clips without a label take part, labelled and unlabelled ones.
  package var batch: Int
  package var labelled: Int
  package var unlabelled: Int
  package var momentum: Float
  package var learningRate: Float
  package var epochs: Int
  package var pseudoLabelEpochs: Int
  /// Epochs without a better one before the end of those without pseudo-labels.
  package var patience: Int

  /// Of a member.
  package init(clips: Int, batches: MemberModel.Batches = .usual, settings: TrainSettings) {
    self.init(clips: clips, batches: batches, learningRate: settings.learningRate, epochs: settings.epochs, patience: 3)
    pseudoLabelEpochs = settings.pseudoLabelEpochs
  }

  /// Of the second level.
  package static func stack(clips: Int, settings: TrainSettings) -> Recipe {
    let batches = MemberModel.Batches(plain: 512, labelled: 512, unlabelled: 0)
    return Recipe(clips: clips, batches: batches, learningRate: settings.learningRate, epochs: 50, patience: 6)
  }

  private init(clips: Int, batches: MemberModel.Batches, learningRate: Float, epochs: Int, patience: Int) {
    batch = max(1, min(batches.plain, max(16, clips / 4)))
    let both = batches.labelled + batches.unlabelled
    let mixed = min(both, max(16, clips / 4))
    labelled = max(1, mixed * batches.labelled / max(both, 1))
    unlabelled = mixed - labelled
    let steps = max((clips + batch - 1) / batch, 1)
    momentum = min(BatchNorm.momentum, 1 - 1 / Float(steps + 1))
    self.learningRate = learningRate
    self.epochs = max(epochs, 1)
    self.patience = patience
    pseudoLabelEpochs = 0
  }

  /// An epoch's batches. Their sizes differ by one at most: a last batch of a single clip would have no variance to
  /// normalise with.
  package func batches(_ rows: [Int]) -> [[Int]] { Self.cut(rows, into: (rows.count + batch - 1) / batch) }

  /// An epoch's batches with pseudo-labels: each labelled row once, and the unlabelled ones spread evenly over the batches.
  package func batches(labelled rows: [Int], unlabelled: [Int]) -> [[Int]] {
    let count = (rows.count + labelled - 1) / labelled
    return zip(Self.cut(rows, into: count), Self.cut(unlabelled, into: count)).map { $0 + $1 }
  }

  /// How many rows without a label take part beside so many with one: as many as the batches have room for.
  package func pseudoLabels(labelled rows: Int) -> Int { (rows + labelled - 1) / labelled * unlabelled }

  private static func cut(_ rows: [Int], into count: Int) -> [[Int]] {
    (0..<count).map { Array(rows[rows.count * $0 / count..<rows.count * ($0 + 1) / count]) }
  }
}
