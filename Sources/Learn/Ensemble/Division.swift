internal import WorkUnits

/// The rows of a data set by their part in training without one fold.
struct Division {
  /// In order of clip.
  private(set) var rows: Trainer.Rows
  /// Labelled rows of the fold, in the data set's order.
  let held: [Int]

  /// - Parameter of: which of a row's folds it is about.
  init(_ dataset: Dataset, fold: Int, of folds: (Dataset.Row) -> Int?) {
    let all = dataset.rows
    let labelled = all.indices.filter { all[$0].labels != nil && folds(all[$0]) != nil }
    let byClip = labelled.sorted { all[$0].clip < all[$1].clip }
    held = labelled.filter { folds(all[$0]) == fold }
    rows = Trainer.Rows(
      training: byClip.filter { folds(all[$0]) != fold }, validation: byClip.filter { folds(all[$0]) == fold },
      unlabelled: all.indices.filter { all[$0].labels == nil }.sorted { all[$0].clip < all[$1].clip })
  }

  /// Leaves out rows that cannot be used; returns how many of them have a label.
  mutating func keep(_ usable: ([Int]) throws -> [Int]) rethrows -> Int {
    let labelled = rows.training.count + rows.validation.count
    rows = Trainer.Rows(
      training: try usable(rows.training), validation: try usable(rows.validation),
      unlabelled: try usable(rows.unlabelled))
    return labelled - rows.training.count - rows.validation.count
  }
}
