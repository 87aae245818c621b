internal import Foundation
internal import Scoring
internal import TensorFiles
package import Vocabulary
package import WorkUnits

/// Brings the members' out-of-fold predictions together, finds the blend and judges the ensemble. In this version the
/// second level is the members' mean.
package enum StackWorker {
  /// Writes `blend.json` and `report.json` into `output`.
  ///
  /// - Throws: `WorkError` when a fold's predictions are missing, damaged, or not of the clips that the fold holds out.
  package static func run(_ spec: StackSpec, output: BytePath, progress: ProgressReport) throws {
    let dataset = try WorkFiles.dataset(spec.dataset)
    let rows = dataset.rows
    let truth = try rows.map { row in
      guard let labels = row.labels, row.fold != nil else {
        throw WorkError(.failure, "\(spec.dataset): clip \(row.clip) has no label or no fold")
      }
      return labels.present
    }
    guard !rows.isEmpty else { throw WorkError(.input, "\(spec.dataset): not one labelled clip to judge by") }
    var members: [(name: String, predictions: [[Double]])] = []
    for (index, member) in spec.members.enumerated() {
      members.append((member.member.name, try outOfFold(member, dataset)))
      progress(WorkProgress(done: index + 1, total: spec.members.count, note: member.member.name))
    }
    let assessment = Assessment(
      predictions: mean(members.map(\.predictions), rows: rows.count, classes: dataset.classes.count), truth: truth,
      folds: rows.map { $0.fold ?? 0 }, classes: dataset.classes.names)
    try WorkFiles.write(assessment.blend(), to: output.appending(StackSpec.blendName))
    try WorkFiles.write(assessment.report(members: members), to: output.appending(StackSpec.reportName))
  }

  /// One member's probabilities of every clip, each from the fold that did not see it.
  private static func outOfFold(_ member: TrainedMember, _ dataset: Dataset) throws -> [[Double]] {
    var predictions = [[Double]?](repeating: nil, count: dataset.rows.count)
    let classes = dataset.classes.count
    for (fold, directory) in member.folds.enumerated() {
      let path = directory.appending(TrainSpec.outOfFoldName)
      let file = try WorkFiles.tensors(path)
      let logits = try WorkFiles.tensor("logits", in: file)
      let rows = try WorkFiles.tensor("rows", in: file)
      guard rows.type == .int32, logits.shape == [rows.count, classes] else {
        throw WorkError(
          .input, "\(path): not out-of-fold predictions of \(classes) classes; remove it to have it made again")
      }
      let values = logits.floats
      for (position, row) in rows.int32s.enumerated() {
        let row = Int(row)
        guard dataset.rows.indices.contains(row), dataset.rows[row].fold == fold, predictions[row] == nil else {
          throw WorkError(
            .input, "\(path): holds row \(row), which is not one of fold \(fold); remove it to have it made again")
        }
        let own = values[position * classes..<(position + 1) * classes]
        guard own.allSatisfy(\.isFinite) else { throw WorkError(.failure, "\(path): a prediction is not a number") }
        predictions[row] = own.map { 1 / (1 + exp(-Double($0))) }
      }
    }
    return try predictions.enumerated().map { row, values in
      guard let values else {
        throw WorkError(.input, "\(member.member.name): no out-of-fold prediction for clip \(dataset.rows[row].clip)")
      }
      return values
    }
  }

  private static func mean(_ members: [[[Double]]], rows: Int, classes: Int) -> [[Double]] {
    (0..<rows).map { row in
      (0..<classes).map { index in members.reduce(0) { $0 + $1[row][index] } / Double(members.count) }
    }
  }
}
