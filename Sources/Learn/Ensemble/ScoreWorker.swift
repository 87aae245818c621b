internal import Foundation
internal import Networks
internal import Numerics
internal import TensorFiles
package import Vocabulary
package import WorkUnits

/// Scores clips with a finished ensemble: each member's mean over its folds, then the second level, then the blend.
package enum ScoreWorker {
  /// Writes `scores.safetensors` into `output`. A clip whose features are missing or no numbers gets the priors, and so
  /// does one for which a network's answer is no number; the file says how many.
  ///
  /// A clip's probabilities depend on the clip and the ensemble alone.
  ///
  /// - Throws: `WorkError` when a fold's weights, the blend or a shard is missing or damaged.
  package static func run(_ spec: ScoreSpec, output: BytePath, progress: ProgressReport) throws {
    let dataset = try WorkFiles.dataset(spec.dataset)
    let (rows, classes) = (dataset.rows.count, dataset.classes.count)
    let blend = try readBlend(spec.blend, classes: classes)
    guard !spec.members.isEmpty else { throw WorkError(.failure, "\(spec.dataset): no member to score with") }
    let layout = ColumnLayout(spec.members.map(\.member), classes: classes)
    let columns = Matrix(rows: rows, columns: layout.count)
    var members = [Int](repeating: 0, count: rows)
    for (index, member) in spec.members.enumerated() {
      try fill(columns, from: layout.members[index].first, with: member, spec, dataset) { scored, done in
        for row in scored { members[row] += 1 }
        progress(WorkProgress(done: (index * rows + done) / spec.members.count, total: rows, note: member.member.name))
      }
    }
    // Without one member's features it would be another ensemble than the one that the blend was found for.
    let whole = members.indices.filter { members[$0] == spec.members.count }
    let level = try SecondLevel(blend.level, layout, spec.stack, dataset.classes)
    var probabilities = dataset.rows.flatMap { _ in blend.priors }
    var priors = Set(0..<rows).subtracting(whole)
    try level.answer(whole, of: columns, priors: blend.priors) { row, index, answer in
      if !answer.isFinite { priors.insert(row) }
      probabilities[row * classes + index] = blend.apply(answer, class: index)
    }
    for row in priors { probabilities.replaceSubrange(row * classes..<(row + 1) * classes, with: blend.priors) }
    try WorkFiles.write(
      ClipProbabilities(
        clips: dataset.rows.map(\.clip), classes: classes, values: probabilities, priors: priors.count),
      to: output.appending(ScoreSpec.scoresName))
  }

  /// Fills a member's columns with the means of its folds, and tells after each batch which rows have a number now.
  private static func fill(
    _ columns: Matrix, from first: Int, with trained: TrainedMember, _ spec: ScoreSpec, _ dataset: Dataset,
    _ report: ([Int], Int) -> Void
  ) throws {
    if dataset.rows.isEmpty { return }
    guard !trained.folds.isEmpty else { throw WorkError(.failure, "\(trained.member.name): no fold to score with") }
    let data = try MemberData(dataset, of: trained.member, path: spec.dataset)
    let networks = try trained.folds.map { try NetworkFile.member(data, fold: $0) }
    let usable = try data.usable(Array(dataset.rows.indices))
    var done = 0
    try ReadAhead(data).forEach(Rows.batches(usable)) { features, rows in
      var sums = [Double](repeating: 0, count: rows.count * data.classes.count)
      for network in networks {
        let logits = network.forward(features, isTraining: false)
        for index in sums.indices { sums[index] += Double(OutOfFold.probability(logits.start[index])) }
      }
      for (position, row) in rows.enumerated() {
        for index in 0..<data.classes.count {
          columns[row, first + index] = Float(sums[position * data.classes.count + index] / Double(networks.count))
        }
      }
      done += rows.count
      report(rows.filter { Vectors.areFinite(columns.row($0) + first, count: data.classes.count) }, done)
    }
  }

  private static func readBlend(_ path: BytePath, classes: Int) throws -> Blend {
    let blend = try WorkFiles.sealed(Blend.self, path)
    guard blend.priors.count == classes, blend.lowest.count == classes, blend.highest.count == classes else {
      throw WorkError(
        .input, "\(path): not a blend of \(classes) classes; remove the folder that it is in to have it found again")
    }
    return blend
  }
}
