internal import Networks
package import WorkUnits

/// How a number of training clips is trained on: the reference solution's settings where clips are many.
///
/// With few, a batch of 64 would make an epoch of a step or two, too few to learn much in 15 epochs and to measure
/// statistics. So a batch is a quarter of the clips, but 16 at least, and moving statistics look back over an epoch.
/// Measured on drawn clips, 77 of them labelled, as the log loss of 450 others (priors 0.120): this 0.083 and 0.078 for
/// two backbones; batches of 8 0.084 and 0.082, one of 64 0.090; Keras's momentum 0.090; more dropout or narrower layers
/// were worse.
package struct Recipe: Equatable {
  /// Clips of a batch at most.
  package var batch: Int
  package var momentum: Float
  package var learningRate: Float
  package var epochs: Int

  package init(clips: Int, settings: TrainSettings) {
    batch = max(1, min(settings.batch, max(16, clips / 4)))
    let steps = max((clips + batch - 1) / batch, 1)
    momentum = min(BatchNorm.momentum, 1 - 1 / Float(steps + 1))
    learningRate = settings.learningRate
    epochs = settings.epochs
  }

  /// Cuts an epoch's rows into batches whose sizes differ by one at most: a last batch of a single clip would have no
  /// variance to normalise with.
  package func batches(_ rows: [Int]) -> [ArraySlice<Int>] {
    let count = (rows.count + batch - 1) / batch
    return (0..<count).map { rows[rows.count * $0 / count..<rows.count * ($0 + 1) / count] }
  }
}
