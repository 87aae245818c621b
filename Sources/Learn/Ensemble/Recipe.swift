internal import Networks
package import WorkUnits

/// How a number of training clips is trained on: the reference solution's settings where clips are many.
///
/// With few, a batch of 64 would make an epoch of a step or two, too few to learn anything in 15 epochs and to measure
/// statistics. So a batch is an eighth of the clips, but 8 at least, and moving statistics look back over an epoch.
package struct Recipe: Equatable {
  /// Clips of a batch at most.
  package var batch: Int
  package var momentum: Float
  package var learningRate: Float
  package var epochs: Int

  package init(clips: Int, settings: TrainSettings) {
    batch = max(1, min(settings.batch, max(8, clips / 8)))
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
