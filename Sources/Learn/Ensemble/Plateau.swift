/// Decides after each epoch by its validation loss, as Keras's ReduceLROnPlateau and EarlyStopping do: the rate times 0.7
/// after two epochs without an improvement of 0.0001, not below 0.0001; the end after three without any.
package struct Plateau {
  package private(set) var learningRate: Float
  private let start: Double
  private var best = Double.infinity
  private var sinceBest = 0
  private var reference = Double.infinity
  private var flat = 0

  /// - Parameter start: the loss before the first epoch: weights are not worth keeping unless they are better.
  package init(learningRate: Float, start: Double) {
    self.learningRate = learningRate
    self.start = start
  }

  package var isOver: Bool { sinceBest >= 3 }

  /// Returns whether this epoch's weights are the best so far.
  package mutating func observe(_ loss: Double) -> Bool {
    if loss < reference - 1e-4 {
      reference = loss
      flat = 0
    } else {
      flat += 1
      if flat >= 2 {
        learningRate = min(learningRate, max(learningRate * 0.7, 1e-4))
        flat = 0
      }
    }
    let isBest = loss < best
    sinceBest = isBest ? 0 : sinceBest + 1
    if isBest { best = loss }
    return isBest && loss < start
  }
}
