internal import Networks
internal import Numerics

/// A network together with what it reads.
protocol Learner {
  var network: any Trainable { get }

  /// Calls `body` for each batch of rows, in order, with the network's logits of them; they are valid during the call.
  ///
  /// - Parameter isTraining: otherwise a row's logits depend on the row alone.
  func forEachBatch(_ batches: [[Int]], isTraining: Bool, _ body: ([Int], Matrix) throws -> Void) throws
}

extension Learner {
  /// Logits of some rows, [rows, outputs].
  func logits(of rows: [Int], outputs: Int) throws -> Matrix {
    let all = Matrix(rows: rows.count, columns: outputs)
    var done = 0
    try forEachBatch(Rows.batches(rows), isTraining: false) { batch, logits in
      all.row(done).update(from: logits.start, count: logits.count)
      done += batch.count
    }
    return all
  }
}

/// Cuts rows for answering: there a batch's size changes nothing but speed and memory.
enum Rows {
  static func batches(_ rows: [Int], of size: Int = 32) -> [[Int]] {
    stride(from: 0, to: rows.count, by: size).map { Array(rows[$0..<min($0 + size, rows.count)]) }
  }
}

/// A first-level network on clips' features.
struct MemberLearner: Learner {
  let model: any Network
  private let reading: ReadAhead

  init(_ model: any Network, _ data: MemberData) {
    self.model = model
    reading = ReadAhead(data)
  }

  var network: any Trainable { model }

  func forEachBatch(_ batches: [[Int]], isTraining: Bool, _ body: ([Int], Matrix) throws -> Void) throws {
    try reading.forEach(batches) { features, rows in
      try body(rows, model.forward(features, isTraining: isTraining))
    }
  }
}

/// The second level on members' probabilities.
struct StackLearner: Learner {
  let model: StackModel
  /// [rows, columns] of all rows.
  let columns: Matrix
  private let batch = Matrix(rows: 0, columns: 0)

  init(_ model: StackModel, columns: Matrix) {
    self.model = model
    self.columns = columns
  }

  var network: any Trainable { model }

  func forEachBatch(_ batches: [[Int]], isTraining: Bool, _ body: ([Int], Matrix) throws -> Void) throws {
    for rows in batches {
      batch.reshape(rows: rows.count, columns: columns.columns)
      for (position, row) in rows.enumerated() {
        batch.row(position).update(from: columns.row(row), count: columns.columns)
      }
      try body(rows, model.forward(batch, isTraining: isTraining))
    }
  }
}
