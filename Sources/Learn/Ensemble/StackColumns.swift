internal import Foundation
internal import Numerics
internal import TensorFiles
internal import Vocabulary
internal import WorkUnits

/// What the members say of every labelled clip, each by the fold that did not see it: the second level's input.
struct StackColumns {
  let layout: ColumnLayout
  /// Probabilities, [rows of the data set, columns]; zeros for rows without a label.
  let values: Matrix

  /// - Throws: `WorkError` when a fold's predictions are missing, damaged, or not of the clips that the fold holds out.
  init(outOfFold members: [TrainedMember], _ dataset: Dataset) throws {
    layout = ColumnLayout(members.map(\.member), classes: dataset.classes.count)
    values = Matrix(rows: dataset.rows.count, columns: layout.count)
    for (member, place) in zip(members, layout.members) {
      let own = try OutOfFold.read(
        member.folds, of: member.member.name, dataset, classes: place.classes.count
      ) { $0.fold }
      for row in 0..<own.rows {
        (values.row(row) + place.first).update(from: own.row(row), count: own.columns)
      }
    }
  }
}

/// Published out-of-fold predictions.
enum OutOfFold {
  /// The probabilities of every labelled row, each from the fold that did not see it: [rows of the data set, classes].
  static func read(
    _ folds: [BytePath], of name: String, _ dataset: Dataset, classes: Int, fold ofRow: (Dataset.Row) -> Int?
  ) throws -> Matrix {
    let all = Matrix(rows: dataset.rows.count, columns: classes)
    var isThere = [Bool](repeating: false, count: dataset.rows.count)
    for (fold, directory) in folds.enumerated() {
      let path = directory.appending(TrainSpec.outOfFoldName)
      let file = try WorkFiles.product(path)
      let logits = try WorkFiles.tensor("logits", in: file)
      let rows = try WorkFiles.tensor("rows", in: file)
      guard rows.type == .int32, logits.type == .float32, logits.shape == [rows.count, classes] else {
        throw WorkError(
          .input, "\(path): not out-of-fold predictions of \(classes) classes; remove it to have it made again")
      }
      let values = logits.floats
      for (position, row) in rows.int32s.enumerated() {
        let row = Int(row)
        guard dataset.rows.indices.contains(row), ofRow(dataset.rows[row]) == fold, !isThere[row] else {
          throw WorkError(
            .input, "\(path): holds row \(row), which is not one of fold \(fold); remove it to have it made again")
        }
        isThere[row] = true
        for index in 0..<classes {
          let logit = values[position * classes + index]
          guard logit.isFinite else {
            throw WorkError(
              .failure,
              "\(path): a prediction is not a number; remove the folder that it is in to have it trained again")
          }
          all[row, index] = Self.probability(logit)
        }
      }
    }
    if let row = dataset.rows.indices.first(where: { dataset.rows[$0].labels != nil && !isThere[$0] }) {
      throw WorkError(.input, "\(name): no out-of-fold prediction for clip \(dataset.rows[row].clip)")
    }
    return all
  }

  /// NaN for what is no number or infinite: nothing is as sure as that.
  static func probability(_ logit: Float) -> Float {
    logit.isFinite ? Float(1 / (1 + exp(-Double(logit)))) : .nan
  }
}
