internal import WorkUnits

/// Intervals from a score's values on resamples.
enum Percentiles {
  /// The percentile interval (Efron and Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13), 95 %.
  ///
  /// - Parameters:
  ///   - values: of resample 0, which is not used, and of the drawn ones; NaN where a resample has none.
  ///   - clips: how many clips speak for the score, of the rarer kind where there are two.
  /// - Returns: nil where these are too few.
  static func interval(_ values: [Double], clips: Int) -> FullReport.Interval? {
    let sorted = values.dropFirst().filter { !$0.isNaN }.sorted()
    guard clips >= Resamples.least, sorted.count * 2 > Resamples.drawn else { return nil }
    return FullReport.Interval(low: at(0.025, sorted), high: at(0.975, sorted))
  }

  /// Linear between the nearest two.
  private static func at(_ share: Double, _ sorted: [Double]) -> Double {
    let place = share * Double(sorted.count - 1)
    let (low, part) = (Int(place), place - place.rounded(.down))
    return sorted[low] + (sorted[min(low + 1, sorted.count - 1)] - sorted[low]) * part
  }
}
