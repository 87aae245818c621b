internal import Foundation
package import Numerics

/// Binary cross-entropy of sigmoid(logits), mean over clips and classes, in nats; computed from the logits, so that it
/// stays finite however sure a network is.
package enum CrossEntropy {
  /// - Parameters:
  ///   - logits: [clips, classes].
  ///   - targets: [clips, classes]: 0 or 1, or a probability.
  package static func loss(_ logits: Matrix, _ targets: Matrix) -> Double {
    var sum = 0.0
    for index in 0..<logits.count {
      let (z, target) = (Double(logits.start[index]), Double(targets.start[index]))
      sum += max(z, 0) - z * target + log1p(exp(-abs(z)))
    }
    return logits.count > 0 ? sum / Double(logits.count) : 0
  }

  /// Writes the loss's gradient for the logits: (sigmoid(z) - target) / count.
  package static func gradient(_ logits: Matrix, _ targets: Matrix, into gradient: Matrix) {
    gradient.reshape(rows: logits.rows, columns: logits.columns)
    let share = 1 / Float(max(logits.count, 1))
    for index in 0..<logits.count {
      gradient.start[index] = (1 / (1 + exp(-logits.start[index])) - targets.start[index]) * share
    }
  }
}
