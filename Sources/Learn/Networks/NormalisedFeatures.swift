package import Numerics

/// Batch normalisation of the features (Ioffe and Szegedy 2015), without ever writing the normalised frames down.
///
/// With d = 1 / sqrt(variance + epsilon), a normalised frame is y = gamma (x - mean) d + beta. The features are constants,
/// so no gradient is wanted below, and what an attention does with y is affine in the raw x:
///
/// - a score w . y is v . x + (w . beta - v . mean), with v = w gamma d (`aim`, `score`);
/// - a weighted sum of y follows from that of x (`average`).
///
/// Whoever reads y adds to the gradients of gamma and beta between `clearGradients` and the optimiser's step.
package final class NormalisedFeatures {
  package let gamma: Parameter
  package let beta: Parameter
  let moving: MovingStatistics
  private let statistics: FeatureStatistics
  /// What the latest `observe` chose to normalise with, [1, width]: the mean and d.
  let mean: Matrix
  let scale: Matrix
  /// [1, width]: v above.
  private let direction: Matrix

  package init(_ name: String, width: Int, momentum: Float) {
    gamma = Parameter("\(name).gamma", shape: [width], initial: 1)
    beta = Parameter("\(name).beta", shape: [width])
    moving = MovingStatistics(name, features: width, momentum: momentum)
    statistics = FeatureStatistics(width: width)
    mean = Matrix(rows: 1, columns: width)
    scale = Matrix(rows: 1, columns: width)
    direction = Matrix(rows: 1, columns: width)
  }

  var width: Int { mean.columns }

  /// How far each feature moves within each clip of the latest batch, [clips, width]: its maximum over time less its
  /// minimum. No gradient is wanted below it.
  package var range: Matrix { statistics.range }

  /// Takes the batch's statistics in training, the moving ones otherwise; and in training `range`, of which there is only
  /// room afterwards otherwise (`measureRange`): who reads a clip anyway has it measured while the caches hold it.
  package func observe(_ batch: FeatureBatch, isTraining: Bool) {
    let (sourceMean, variance): (Matrix, Matrix)
    if isTraining {
      statistics.measure(batch)
      moving.observe(mean: statistics.mean, variance: statistics.variance)
      (sourceMean, variance) = (statistics.mean, statistics.variance)
    } else {
      statistics.makeRoom(for: batch)
      (sourceMean, variance) = (moving.mean.value, moving.variance.value)
    }
    mean.copy(sourceMean)
    let (scale, source) = (scale.start, variance.start)
    for index in 0..<width { scale[index] = 1 / (source[index] + BatchNorm.epsilon).squareRoot() }
  }

  package func measureRange(of clip: Int, in batch: FeatureBatch) { statistics.measureRange(of: clip, in: batch) }

  package func clearGradients() {
    gamma.gradient?.fill(0)
    beta.gradient?.fill(0)
  }

  /// Points `score` along the weights w; returns what w . y has besides v . x.
  func aim(_ w: UnsafePointer<Float>) -> Float {
    let (v, gamma, scale) = (direction.start, gamma.value.start, scale.start)
    for index in 0..<width { v[index] = w[index] * gamma[index] * scale[index] }
    return Vectors.dot(w, beta.value.start, count: width) - Vectors.dot(v, mean.start, count: width)
  }

  /// Writes v . x for each frame of a clip.
  func score(_ clip: UnsafePointer<Float>, frames: Int, _ scores: UnsafeMutablePointer<Float>) {
    for frame in 0..<frames { scores[frame] = Vectors.dot(clip + frame * width, direction.start, count: width) }
  }

  /// The weighted sum of a clip's frames, whose shares sum to `total`: of (x - mean) d, which is `average`, and of y.
  func average(
    _ clip: UnsafePointer<Float>, frames: Int, shares: UnsafePointer<Float>, total: Float,
    _ average: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>
  ) {
    FeatureBatch.forEachBlock(of: width) { first, count in
      let (c, y) = (average + first, output + first)
      let (mean, scale) = (mean.start + first, scale.start + first)
      let (gamma, beta) = (gamma.value.start + first, beta.value.start + first)
      Vectors.sum(clip + first, rows: frames, distance: width, factors: shares, to: c, count: count, adding: false)
      for index in 0..<count {
        c[index] = (c[index] - mean[index] * total) * scale[index]
        y[index] = gamma[index] * c[index] + beta[index] * total
      }
    }
  }

  /// Adds to the gradients what an average of y passes back: dgamma += dy average, dbeta += dy total.
  func addGradients(_ dy: UnsafePointer<Float>, average: UnsafePointer<Float>, total: Float) {
    guard let gammaGradient = gamma.gradient?.start, let betaGradient = beta.gradient?.start else { return }
    Vectors.add(dy, times: average, to: gammaGradient, count: width)
    Vectors.add(total, times: dy, to: betaGradient, count: width)
  }

  /// Turns the gradient for the weights w of a score, which holds the sum of dz x over all frames so far, into that of
  /// dz y, and adds to the gradients of gamma and beta. With D = sum of dz (`total`) and g = sum of dz (x - mean) d:
  /// dw = gamma g + beta D, dgamma += w g, dbeta += w D.
  func finish(_ weightGradient: UnsafeMutablePointer<Float>, of w: UnsafePointer<Float>, total: Float) {
    guard let gammaGradient = gamma.gradient?.start, let betaGradient = beta.gradient?.start else { return }
    let (mean, scale, gamma, beta) = (mean.start, scale.start, gamma.value.start, beta.value.start)
    for index in 0..<width {
      let g = (weightGradient[index] - mean[index] * total) * scale[index]
      weightGradient[index] = gamma[index] * g + beta[index] * total
      gammaGradient[index] += w[index] * g
      betaGradient[index] += w[index] * total
    }
  }
}
