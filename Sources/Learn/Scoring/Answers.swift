/// One model's probabilities for clips, class by class.
package struct Answers: Sendable {
  package let name: String
  /// [classes][clips], each in 0...1.
  let columns: [[Double]]

  /// - Parameter rows: [clips][classes].
  /// - Throws: `Problem` when a row has not one probability a class: nothing sound can be said of such a model.
  package init(name: String, rows: [[Double]], classes: Int) throws(Problem) {
    self.name = name
    var columns = [[Double]](repeating: [], count: classes)
    for index in columns.indices { columns[index].reserveCapacity(rows.count) }
    for (row, values) in rows.enumerated() {
      guard values.count == classes else { throw Problem(model: name, row: row, what: "not \(classes) numbers") }
      for (index, value) in values.enumerated() {
        guard value >= 0 && value <= 1 else { throw Problem(model: name, row: row, what: "\(value), no probability") }
        columns[index].append(value)
      }
    }
    self.columns = columns
  }

  /// One clip's probabilities, class by class.
  package func row(_ clip: Int) -> [Double] { columns.map { $0[clip] } }

  package struct Problem: Error, Equatable, CustomStringConvertible {
    package var model: String
    /// From 0.
    package var row: Int
    package var what: String

    package var description: String {
      "\(model): its prediction in row \(row) is \(what); remove the model's folds to have them trained again"
    }
  }
}
