/// Decides after each epoch by its validation loss, as Keras's ReduceLROnPlateau and EarlyStopping do: the rate times 0.7
/// after two epochs without an improvement of 0.0001, not below 0.0001; the end after some without any.
package struct Plateau: Sendable, Codable {
  package private(set) var learningRate: Float
  private let patience: Int
  /// Nil without any epoch so far.
  private var best: Double?
  private var sinceBest = 0
  private var reference: Double?
  private var flat = 0

  /// - Parameter patience: epochs without a better one before the end.
  package init(learningRate: Float, patience: Int = 3) {
    self.learningRate = learningRate
    self.patience = patience
  }

  package var isOver: Bool { sinceBest >= patience }

  package mutating func observe(_ loss: Double) {
    if reference.map({ loss < $0 - 1e-4 }) ?? true {
      reference = loss
      flat = 0
    } else {
      flat += 1
      if flat >= 2 {
        learningRate = min(learningRate, max(learningRate * 0.7, 1e-4))
        flat = 0
      }
    }
    let isBest = best.map { loss < $0 } ?? true
    sinceBest = isBest ? 0 : sinceBest + 1
    if isBest { best = loss }
  }
}
