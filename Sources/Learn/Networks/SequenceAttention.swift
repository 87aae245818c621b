package import Numerics
package import Vocabulary

/// Attention over time of sequences joined on the feature axis, without a bias: a clip becomes the average of its
/// moments [s1, ..., sn, y], weighted by softmax over time of w . moment; y are the normalised features (Bahdanau et al.
/// 2015, as the average of Felbo et al. 2017).
///
/// The joined moments are never written down: w falls into a part for each sequence and one for the features.
package final class SequenceAttention {
  /// [all widths], in the order above.
  package let weight: Parameter
  let norm: NormalisedFeatures
  /// Widths of the sequences.
  let widths: [Int]
  /// [clips, frames]: softmax.
  let share = Matrix(rows: 0, columns: 0)
  /// [clips, width of the features]: as `NormalisedFeatures.average`.
  let average = Matrix(rows: 0, columns: 0)
  private let output = Matrix(rows: 0, columns: 0)
  let sequenceGradients: [Matrix]
  var sequences: [Matrix] = []
  var batch: FeatureBatch?

  /// Draws w in (-0.05, 0.05), as Keras's "uniform".
  package init(_ name: String, sequences widths: [Int], norm: NormalisedFeatures, random: inout SplitMix64) {
    self.norm = norm
    self.widths = widths
    weight = Parameter("\(name).weight", shape: [widths.reduce(norm.width, +)])
    for index in 0..<weight.value.count { weight.value.start[index] = (2 * random.uniform() - 1) * 0.05 }
    sequenceGradients = widths.map { _ in Matrix(rows: 0, columns: 0) }
  }

  /// Where the part of the features begins.
  var first: Int { weight.value.count - norm.width }

  /// Returns [clips, all widths]. Outside training it measures the features' range too (`NormalisedFeatures.range`).
  ///
  /// - Parameter sequences: [clips * frames, own width] each.
  package func forward(_ sequences: [Matrix], _ batch: FeatureBatch, isTraining: Bool) -> Matrix {
    precondition(sequences.map(\.columns) == widths, "other sequences")
    self.sequences = isTraining ? sequences : []
    self.batch = isTraining ? batch : nil
    share.reshape(rows: batch.clips, columns: batch.frames)
    average.reshape(rows: batch.clips, columns: norm.width)
    output.reshape(rows: batch.clips, columns: weight.value.count)
    // What it returns is the same for all moments, and falls out of the softmax.
    _ = norm.aim(weight.value.start + first)
    for clip in 0..<batch.clips {
      let scores = share.row(clip)
      norm.score(batch.clip(clip), frames: batch.frames, scores)
      if !isTraining { norm.measureRange(of: clip, in: batch) }
      addScores(of: sequences, clip: clip, frames: batch.frames, along: weight.value.start, to: scores)
      softmax(scores, count: batch.frames)
      collect(clip, sequences, batch)
    }
    return output
  }

  func addScores(
    of sequences: [Matrix], clip: Int, frames: Int, along w: UnsafePointer<Float>,
    to scores: UnsafeMutablePointer<Float>
  ) {
    var w = w
    for sequence in sequences {
      for frame in 0..<frames {
        scores[frame] += Vectors.dot(sequence.row(clip * frames + frame), w, count: sequence.columns)
      }
      w += sequence.columns
    }
  }

  private func softmax(_ scores: UnsafeMutablePointer<Float>, count: Int) {
    var (highest, sum) = (-Float.infinity, Float(0))
    for index in 0..<count { highest = max(highest, scores[index]) }
    for index in 0..<count { scores[index] -= highest }
    Vectors.exponential(scores, count: count)
    for index in 0..<count { sum += scores[index] }
    for index in 0..<count { scores[index] /= sum }
  }

  private func collect(_ clip: Int, _ sequences: [Matrix], _ batch: FeatureBatch) {
    let (frames, shares) = (batch.frames, share.row(clip))
    var y = output.row(clip)
    for sequence in sequences {
      Vectors.sum(
        sequence.row(clip * frames), rows: frames, distance: sequence.columns, factors: shares, to: y,
        count: sequence.columns, adding: false)
      y += sequence.columns
    }
    norm.average(batch.clip(clip), frames: frames, shares: shares, total: 1, average.row(clip), y)
  }
}
