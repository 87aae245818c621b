import Foundation
import Networks
import Numerics
import TensorFiles
import Vocabulary
import WorkUnits

/// Trains one model on all folds but one of a data set and judges it by that one, epoch by epoch, with settings so plain
/// that PyTorch can have the same: `scripts/compare-learning`.
struct Fit: Decodable {
  enum Model: String, Decodable { case dense, rnn }

  var model: Model
  var dataset: String
  /// The first rows that have a label, in order of clip.
  var clips: Int
  var fold: Int
  var seed: UInt64
  var batch: Int
  /// Of each epoch.
  var rates: [Float]
  /// Of a recurrence.
  var units: Int

  /// Prints the log loss of the fold after each epoch, as JSON.
  func run() throws {
    let data = try FitData(self)
    let (training, held) = (data.rows.filter { $0.fold != fold }, data.rows.filter { $0.fold == fold })
    var random = SplitMix64(seed: seed)
    let network = makeNetwork(data)
    network.start(at: data.shares(of: training))
    let adam = Adam(network.parameters, learningRate: 0)
    var losses: [Double] = []
    for rate in rates {
      adam.learningRate = rate
      try trainEpoch(network, adam, data, training, &random)
      losses.append(try loss(network, data, held))
    }
    print(String(decoding: try JSONEncoder().encode(losses), as: UTF8.self))
  }

  private func makeNetwork(_ data: FitData) -> any Network {
    switch model {
    case .dense:
      return DenseModel(
        .init(frames: data.frames, width: data.width, metadata: data.metadata, classes: data.classes), seed: seed)
    case .rnn:
      var shape = RNNModel.Shape(
        frames: data.frames, width: data.width, metadata: data.metadata, classes: data.classes)
      shape.units = units
      return RNNModel(shape, seed: seed)
    }
  }

  private func trainEpoch(
    _ network: any Network, _ adam: Adam, _ data: FitData, _ training: [Dataset.Row], _ random: inout SplitMix64
  ) throws {
    var order = training
    random.shuffle(&order)
    let gradient = Matrix(rows: 0, columns: 0)
    let steps = (order.count + batch - 1) / batch
    for step in 0..<steps {
      try data.fill(order[order.count * step / steps..<order.count * (step + 1) / steps])
      CrossEntropy.gradient(network.forward(data.batch, isTraining: true), data.targets, into: gradient)
      network.backward(gradient)
      adam.step()
    }
  }

  private func loss(_ network: any Network, _ data: FitData, _ held: [Dataset.Row]) throws -> Double {
    var sum = 0.0
    for first in stride(from: 0, to: held.count, by: batch) {
      let rows = held[first..<min(first + batch, held.count)]
      try data.fill(rows)
      sum += CrossEntropy.loss(network.forward(data.batch, isTraining: false), data.targets) * Double(rows.count)
    }
    return sum / Double(held.count)
  }
}

/// All feature sets of the rows, side by side.
private struct FitData {
  let rows: [Dataset.Row]
  let frames: Int
  let width: Int
  let metadata: Int
  let classes: Int
  let batch: FeatureBatch
  let targets: Matrix
  private let widths: [Int]
  private let shards: [TensorFile]

  init(_ fit: Fit) throws {
    let dataset = try CanonicalJSON.decode(Dataset.self, from: Data(contentsOf: URL(fileURLWithPath: fit.dataset)))
    rows = Array(dataset.rows.filter { $0.labels != nil }.prefix(fit.clips))
    (frames, widths) = (dataset.featureSets[0].frames, dataset.featureSets.map(\.width))
    (width, metadata) = (widths.reduce(0, +), dataset.rows[0].metadata.count)
    classes = dataset.classes.count
    shards = try dataset.shards.map { try TensorFile(mapping: $0) }
    batch = FeatureBatch(clips: 0, frames: frames, width: width, metadata: metadata)
    targets = Matrix(rows: 0, columns: classes)
  }

  func fill(_ rows: ArraySlice<Dataset.Row>) throws {
    batch.reshape(clips: rows.count)
    targets.reshape(rows: rows.count, columns: classes)
    for (clip, row) in rows.enumerated() {
      var column = 0
      for (shard, width) in zip(row.shards, widths) {
        batch.take(try shards[shard].tensor(row.clip.description), clip: clip, column: column)
        column += width
      }
      for (index, value) in row.metadata.enumerated() { batch.metadata[clip, index] = value }
      for (index, isPresent) in (row.labels?.present ?? []).enumerated() { targets[clip, index] = isPresent ? 1 : 0 }
    }
  }

  func shares(of rows: [Dataset.Row]) -> [Double] {
    (0..<classes).map { index in
      (Double(rows.count { $0.labels?.present[index] == true }) + 0.5) / (Double(rows.count) + 1)
    }
  }
}
