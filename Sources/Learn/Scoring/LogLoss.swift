internal import Foundation

/// Mean binary log loss of one class: -(y ln p + (1 - y) ln(1 - p)), in nats.
package enum LogLoss {
  /// Probabilities are kept this far from 0 and 1, as contests do: a certain mistake is dear, not infinite.
  package static let epsilon = 1e-15

  /// - Parameters: predictions and truth of the same clips; at least one.
  package static func mean(_ predictions: [Double], _ truth: [Bool]) -> Double {
    precondition(predictions.count == truth.count && !truth.isEmpty, "one prediction for each truth")
    var sum = 0.0
    for (prediction, isPresent) in zip(predictions, truth) { sum += of(prediction, isPresent) }
    return sum / Double(truth.count)
  }

  package static func of(_ prediction: Double, _ isPresent: Bool) -> Double {
    let prediction = min(max(prediction, epsilon), 1 - epsilon)
    return -log(isPresent ? prediction : 1 - prediction)
  }
}
