internal import Numerics
internal import Scoring
internal import Vocabulary
internal import WorkUnits

/// What a network is to answer: labels as 0 and 1, and for rows without a label the probabilities that they were given.
struct Targets {
  private let dataset: Dataset
  let classes: Range<Int>
  /// [pseudo-labelled rows, classes], and where each row stands in it.
  private var pseudoLabels = Matrix(rows: 0, columns: 0)
  private var places: [Int: Int] = [:]

  init(_ dataset: Dataset, classes: Range<Int>) {
    self.dataset = dataset
    self.classes = classes
  }

  /// Soft targets, as the reference has them: the network's own probabilities, no threshold and no rounding.
  mutating func label(_ rows: [Int], by logits: Matrix) {
    pseudoLabels = logits
    Vectors.sigmoid(logits.start, count: logits.count)
    places = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })
  }

  /// Of each class, its share of some labelled rows.
  func shares(of rows: [Int]) -> [Double] {
    classes.map { index in
      Priors.share(positives: rows.count { dataset.rows[$0].labels?.present[index] == true }, of: rows.count)
    }
  }

  /// Fills [rows, classes].
  func fill(_ targets: Matrix, with rows: [Int]) {
    targets.reshape(rows: rows.count, columns: classes.count)
    for (position, row) in rows.enumerated() {
      let target = targets.row(position)
      if let labels = dataset.rows[row].labels {
        for (index, own) in classes.enumerated() { target[index] = labels.present[own] ? 1 : 0 }
      } else if let place = places[row] {
        target.update(from: pseudoLabels.row(place), count: classes.count)
      } else {
        preconditionFailure("rows that are trained on have a label or were given one")
      }
    }
  }
}
