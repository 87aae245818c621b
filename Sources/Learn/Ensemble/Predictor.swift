internal import Networks
internal import Numerics
internal import Vocabulary
internal import WorkUnits

/// Computes logits of clips in batches; a clip's depend on the clip alone.
struct Predictor {
  static let batch = 32

  private let data: MemberData
  private let features: FeatureBatch

  init(_ data: MemberData) {
    self.data = data
    features = data.makeBatch()
  }

  /// Calls `body` once a batch with its rows and each network's logits, [rows, classes] row by row.
  func forEachBatch(
    of rows: [Int], _ networks: [any Network], _ body: (ArraySlice<Int>, [[Float]]) throws -> Void
  ) throws {
    for first in stride(from: 0, to: rows.count, by: Self.batch) {
      let own = rows[first..<min(first + Self.batch, rows.count)]
      try data.fill(features, with: own)
      try body(own, networks.map { $0.forward(features, isTraining: false).values })
    }
  }

  /// One network's logits, [rows, classes] row by row.
  func logits(_ network: any Network, of rows: [Int]) throws -> [Float] {
    var all: [Float] = []
    all.reserveCapacity(rows.count * data.dataset.classes.count)
    try forEachBatch(of: rows, [network]) { all += $1[0] }
    return all
  }
}
