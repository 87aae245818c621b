internal import WorkUnits

/// The bins of a reliability diagram: ten of equal width, closed above.
enum Bins {
  static let count = 10

  static func index(_ probability: Double) -> Int {
    min(max(Int((probability * Double(count)).rounded(.up)) - 1, 0), count - 1)
  }

  /// Predictions, their sum, and how many came true, in each bin.
  struct Sums {
    var predictions = [Int](repeating: 0, count: Bins.count)
    var predicted = [Double](repeating: 0, count: Bins.count)
    var observed = [Int](repeating: 0, count: Bins.count)

    mutating func add(_ values: [Double], _ truth: [Bool]) {
      for (value, isPresent) in zip(values, truth) {
        let bin = Bins.index(value)
        predictions[bin] += 1
        predicted[bin] += value
        observed[bin] += isPresent ? 1 : 0
      }
    }

    /// - Parameters:
    ///   - gaps: per bin, of each resample, the sum of probability minus truth.
    ///   - clips: of each resample.
    func calibration(gaps: [[Double]], clips: Int) -> FullReport.Calibration {
      let total = Double(max(predictions.reduce(0, +), 1))
      let error = (0..<Bins.count).reduce(0) { $0 + abs(predicted[$1] - Double(observed[$1])) } / total
      let resampled = (gaps.first ?? []).indices.map { resample in gaps.reduce(0) { $0 + abs($1[resample]) } / total }
      let bins = (0..<Bins.count).map { bin in
        let count = Double(predictions[bin])
        return FullReport.Calibration.Bin(
          predictions: predictions[bin], predicted: count > 0 ? predicted[bin] / count : nil,
          observed: count > 0 ? Double(observed[bin]) / count : nil)
      }
      return FullReport.Calibration(
        bins: bins, error: FullReport.Estimate(error, Percentiles.interval(resampled, clips: clips)))
    }
  }
}
