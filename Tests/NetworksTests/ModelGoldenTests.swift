import Foundation
import Networks
import Numerics
import TensorFiles
import TestSupport
import Testing
import Vocabulary

/// Whole models against PyTorch: the first logits and gradients, three steps of Adam, and inference after them.
@Suite struct ModelGoldenTests {
  @Test func denseModel() throws {
    let golden = try Golden("dense-model")
    var shape = DenseModel.Shape(frames: 3, width: 21, metadata: 4, classes: 3)
    (shape.hidden, shape.metadataHidden) = (9, 6)
    var settings = DenseModel.Regularisation()
    settings.dropout = 0
    try check(DenseModel(shape, settings, seed: 1), golden) {
      try golden.clips("features.\($0)", metadata: "metadata.\($0)")
    }
  }

  /// Three backbones of 5, 9 and 4 features, each in its own shard.
  @Test func concatModel() throws {
    let golden = try Golden("concat-model")
    var shape = DenseModel.Shape(frames: 3, width: 18, metadata: 4, classes: 3)
    (shape.hidden, shape.metadataHidden) = (9, 6)
    var settings = DenseModel.Regularisation()
    settings.dropout = 0
    try check(DenseModel(shape, settings, seed: 1), golden) { step in
      let whole = try golden.clips("features.\(step)", metadata: "metadata.\(step)")
      let batch = FeatureBatch(clips: whole.clips, frames: 3, width: 18, metadata: 4)
      batch.metadata.copy(whole.metadata)
      try Scratch.with { directory in
        var first = 0
        for width in [5, 9, 4] {
          let path = BytePath(directory.path).appending("\(width).safetensors")
          let values = (0..<whole.clips * 3).flatMap { row in (0..<width).map { whole.features[row, first + $0] } }
          let clips = (0..<whole.clips).map { clip in
            TensorData(
              name: "\(clip)", float16: Array(values[clip * 3 * width..<(clip + 1) * 3 * width]), shape: [3, width])
          }
          try TensorFile.write(clips, to: path)
          let file = try TensorFile(mapping: path)
          for clip in 0..<whole.clips { batch.take(try file.tensor("\(clip)"), clip: clip, column: first) }
          first += width
        }
      }
      return batch
    }
  }

  @Test func rnnModel() throws {
    let golden = try Golden("rnn-model")
    var shape = RNNModel.Shape(frames: 4, width: 11, metadata: 4, classes: 3)
    (shape.units, shape.hidden, shape.metadataHidden) = (5, 7, 4)
    try check(RNNModel(shape, .none, seed: 1), golden) {
      try golden.clips("features.\($0)", metadata: "metadata.\($0)")
    }
  }

  @Test func stackModel() throws {
    let golden = try Golden("stack-model")
    var shape = StackModel.Shape(columns: 13, classes: 3)
    shape.hidden = 8
    var settings = StackModel.Regularisation()
    (settings.input, settings.hidden) = (0, 0)
    let model = StackModel(shape, settings, seed: 1)
    try check(model, golden, { try golden.matrix("features.\($0)") }, forward: model.forward)
  }

  private func check(_ model: any Network, _ golden: Golden, _ batch: (Int) throws -> FeatureBatch) throws {
    try check(model, golden, batch) { model.forward($0, isTraining: $1) }
  }

  private func check<Batch>(
    _ model: any Trainable, _ golden: Golden, _ batch: (Int) throws -> Batch, forward: (Batch, Bool) -> Matrix
  ) throws {
    let trained = model.parameters.filter { $0.gradient != nil }
    for parameter in trained { parameter.value.copy(try golden.values("before.\(parameter.name)")) }
    let adam = Adam(model.parameters, learningRate: 1e-3)
    let gradient = Matrix(rows: 0, columns: 0)
    var losses: [Float] = []
    for step in 0..<3 {
      let (input, targets) = (try batch(step), try golden.matrix("targets.\(step)"))
      let logits = forward(input, true)
      losses.append(Float(CrossEntropy.loss(logits, targets)))
      CrossEntropy.gradient(logits, targets, into: gradient)
      if step == 0 { expectClose(logits.values, try golden.values("logits"), tolerance: 1e-5, "logits") }
      model.backward(gradient)
      if step == 0 {
        for parameter in trained {
          let values = try #require(parameter.gradient).values
          expectClose(values, try golden.values("gradient.\(parameter.name)"), tolerance: 1e-4, parameter.name)
        }
      }
      adam.step()
    }
    expectClose(losses, try golden.values("losses"), "losses")
    for parameter in trained {
      // Steps of Adam are about 0.001 whatever the gradient: where that is near 0, rounding decides about a step.
      let gradients = try golden.values("gradient.\(parameter.name)").map(abs)
      let least = 1e-3 * (gradients.max() ?? 0)
      for (index, expected) in try golden.values("after.\(parameter.name)").enumerated() {
        let distance = abs(parameter.value.start[index] - expected)
        #expect(distance < (gradients[index] > least ? 3e-4 : 6e-3), "\(parameter.name) at \(index)")
      }
    }
    expectClose(forward(try batch(0), false).values, try golden.values("inference"), tolerance: 1e-3, "inference")
  }
}

extension RNNModel.Regularisation {
  /// Without dropout.
  static var none: Self {
    var settings = Self()
    (settings.sequences, settings.pooled, settings.hidden) = (0, 0, 0)
    return settings
  }
}
