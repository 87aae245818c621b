package import WorkUnits

/// Finds on out-of-fold predictions how far to trust them.
///
/// The reference solution searches each class's bounds, 1e-5 to 9e-5 below and 0.95 to 0.9998 above, for what makes the
/// out-of-fold log loss least. With 200,000 clips that is sound. With eighty, no mistake may have been seen yet, and the
/// search would choose certainty: so a tenth of a clip that is a mistake is assumed beyond each bound, which fades as clips
/// become many, and the grid reaches to where few clips put it. Before that, one number for all classes draws answers to
/// the priors, again only as far as it helps.
///
/// Why a tenth: half a clip (Krichevsky and Trofimov) for each of 24 classes cost 0.003 of a log loss of 0.083, measured
/// on 450 drawn clips with 77 others labelled; 0.02 to 0.1 cost nothing.
package enum BlendSearch {
  /// - Parameters:
  ///   - predictions: [clips][classes], means of the members' out-of-fold probabilities.
  ///   - truth: [clips][classes].
  package static func find(_ predictions: [[Double]], _ truth: [[Bool]], priors: [Double]) -> Blend {
    let shrink = bestShrink(predictions, truth, priors)
    var lowest: [Float] = []
    var highest: [Float] = []
    for index in priors.indices {
      let drawn = predictions.map { draw($0[index], to: priors[index], by: shrink) }
      let present = truth.map { $0[index] }
      let low = bestLow(drawn, present)
      lowest.append(Float(low))
      highest.append(Float(max(bestHigh(drawn, present), low)))
    }
    return Blend(priors: priors.map { Float($0) }, shrink: Float(shrink), lowest: lowest, highest: highest)
  }

  /// From 0.00001 to 0.3 in steps of a digit.
  package static let grid: [Double] = [1e-5, 1e-4, 1e-3, 1e-2, 1e-1].flatMap { power in
    (1...9).map { Double($0) * power }
  }.filter { $0 <= 0.3 }

  private static let shrinks = (0...20).map { Double($0) / 20 }

  private static func draw(_ value: Double, to prior: Double, by shrink: Double) -> Double {
    value + (prior - value) * shrink
  }

  /// The least shrinking whose loss is the least.
  private static func bestShrink(_ predictions: [[Double]], _ truth: [[Bool]], _ priors: [Double]) -> Double {
    least(shrinks) { shrink in
      var sum = 0.0
      for (row, present) in zip(predictions, truth) {
        for index in priors.indices {
          // Unbounded certainty would decide this search by a few clips; the bounds come next.
          let value = min(max(draw(row[index], to: priors[index], by: shrink), 1e-3), 1 - 1e-3)
          sum += LogLoss.of(value, present[index])
        }
      }
      return sum
    }
  }

  private static func bestLow(_ values: [Double], _ present: [Bool]) -> Double {
    least(grid) { low in
      var sum = assumed(low)
      for (value, isPresent) in zip(values, present) where value < grid[grid.count - 1] {
        sum += LogLoss.of(max(value, low), isPresent)
      }
      return sum
    }
  }

  private static func bestHigh(_ values: [Double], _ present: [Bool]) -> Double {
    1
      - least(grid) { distance in
        var sum = assumed(distance)
        for (value, isPresent) in zip(values, present) where value > 1 - grid[grid.count - 1] {
          sum += LogLoss.of(min(value, 1 - distance), isPresent)
        }
        return sum
      }
  }

  /// A tenth of a clip on either side of a bound.
  private static func assumed(_ bound: Double) -> Double {
    0.1 * (LogLoss.of(bound, true) + LogLoss.of(bound, false))
  }

  /// The first of the candidates with the least loss.
  private static func least(_ candidates: [Double], _ loss: (Double) -> Double) -> Double {
    var best = candidates[0]
    var least = loss(best)
    for candidate in candidates.dropFirst() {
      let loss = loss(candidate)
      if loss < least {
        least = loss
        best = candidate
      }
    }
    return best
  }
}
