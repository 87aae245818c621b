internal import Networks
internal import Numerics
internal import Vocabulary
internal import WorkUnits

/// Makes the members' answers one.
struct SecondLevel {
  private let level: Blend.SecondLevel
  private let layout: ColumnLayout
  private let networks: [StackModel]

  /// - Parameter stack: the second level's folds; read only where they are used.
  init(_ level: Blend.SecondLevel, _ layout: ColumnLayout, _ stack: [BytePath], _ classes: ClassList) throws {
    self.level = level
    self.layout = layout
    guard level == .stack else {
      networks = []
      return
    }
    guard !stack.isEmpty else { throw WorkError(.failure, "the ensemble has a second level and none of its folds") }
    networks = try stack.map { fold in
      let network = NetworkFile.stack(layout, seed: nil)
      try NetworkFile.read(
        fold.appending(TrainSpec.weightsName), .init(stackOf: layout.count, classes: classes), into: network)
      return network
    }
  }

  /// Calls `body` with the answer for each class of each row; NaN where a network's is no number.
  ///
  /// - Parameters:
  ///   - columns: [rows, columns of the layout], probabilities.
  ///   - priors: the answer for a class that no member answers for.
  func answer(
    _ rows: [Int], of columns: Matrix, priors: [Float], _ body: (_ row: Int, _ class: Int, Float) -> Void
  ) throws {
    if level == .stack { return try stacked(rows, of: columns, body) }
    for row in rows {
      let values = UnsafePointer(columns.row(row))
      for index in 0..<layout.classes {
        let answer =
          if case .member(let place) = level { layout.answer(of: place, values, class: index) } else {
            layout.mean(values, class: index)
          }
        body(row, index, answer ?? priors[index])
      }
    }
  }

  private func stacked(_ rows: [Int], of columns: Matrix, _ body: (Int, Int, Float) -> Void) throws {
    let learners = networks.map { StackLearner($0, columns: columns) }
    for batch in Rows.batches(rows) {
      var sums = [Double](repeating: 0, count: batch.count * layout.classes)
      for learner in learners {
        try learner.forEachBatch([batch], isTraining: false) { _, logits in
          for index in sums.indices { sums[index] += Double(OutOfFold.probability(logits.start[index])) }
        }
      }
      for (position, row) in batch.enumerated() {
        for index in 0..<layout.classes {
          body(row, index, Float(sums[position * layout.classes + index] / Double(learners.count)))
        }
      }
    }
  }
}
