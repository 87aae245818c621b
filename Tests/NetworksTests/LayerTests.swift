import Foundation
import Networks
import Numerics
import TensorFiles
import TestSupport
import Testing
import Vocabulary

@Suite struct LayerTests {
  @Test func dropoutDropsItsShareAndKeepsTheSum() {
    var random = SplitMix64(seed: 1)
    let layer = Dropout(0.25, random: &random)
    let input = Matrix(rows: 100, columns: 100)
    input.fill(3)
    let output = layer.forward(input, isTraining: true).values
    #expect(Set(output) == [0, 4])
    #expect(abs(output.reduce(0, +) / 10_000 - 3) < 0.05)
    // What was dropped has no gradient either.
    #expect(layer.backward(input).values == output)
    #expect(layer.forward(input, isTraining: true).values != output)
    #expect(layer.forward(input, isTraining: false).values == input.values)
    var same = SplitMix64(seed: 1)
    #expect(Dropout(0.25, random: &same).forward(input, isTraining: true).values == output)
  }

  /// Averages of what was seen, from the first batch on; later ones weigh at least 1 - momentum.
  @Test func movingStatisticsForgetTheirStart() {
    let layer = BatchNorm("norm", features: 1, momentum: 0.5)
    for value: Float in [4, 8, 16] { _ = layer.forward(Matrix(rows: 1, columns: 1, values: [value]), isTraining: true) }
    let moving = Dictionary(uniqueKeysWithValues: layer.parameters.map { ($0.name, $0.value.values) })
    #expect(moving["norm.mean"] == [11] && moving["norm.variance"] == [0] && moving["norm.steps"] == [3])
  }

  @Test func aModelAnswersItsStartUntilItLearns() {
    let model = DenseModel(DenseModel.Shape(frames: 2, width: 3, metadata: 1, classes: 2), seed: 1)
    model.start(at: [0.25, 0.9])
    let batch = FeatureBatch(clips: 3, frames: 2, width: 3, metadata: 1)
    for index in 0..<batch.features.count { batch.features.start[index] = Float(index) }
    batch.metadata.fill(1)
    let expected = [Float(logOdds(0.25)), Float(logOdds(0.9))]
    for isTraining in [true, false] {
      #expect(model.forward(batch, isTraining: isTraining).values == expected + expected + expected)
    }
  }

  @Test func weightsComeBackAsTheyWere() throws {
    let shape = DenseModel.Shape(frames: 2, width: 3, metadata: 1, classes: 2)
    try Scratch.with { directory in
      let path = BytePath(directory.path).appending("weights.safetensors")
      let model = DenseModel(shape, seed: 1)
      try TensorFile.write(Weights.tensors(of: model), to: path)
      let file = try TensorFile(mapping: path)
      let other = DenseModel(shape, seed: 2)
      #expect(other.parameters.map(\.value.values) != model.parameters.map(\.value.values))
      try Weights.load(file, into: other)
      #expect(other.parameters.map(\.value.values) == model.parameters.map(\.value.values))
      #expect(Set(file.names).count == model.parameters.count)
      let wider = DenseModel(DenseModel.Shape(frames: 2, width: 4, metadata: 1, classes: 2), seed: 1)
      #expect(throws: TensorFileError.self) { try Weights.load(file, into: wider) }
      model.parameters[0].value.fill(.nan)
      let broken = BytePath(directory.path).appending("broken.safetensors")
      try TensorFile.write(Weights.tensors(of: model), to: broken)
      #expect(throws: TensorFileError.self) { try Weights.load(try TensorFile(mapping: broken), into: other) }
    }
  }

  /// Drawing weights that are overwritten at once takes longer than reading them.
  @Test func aNetworkThatIsFilledAtOnceIsNotDrawn() throws {
    let shape = RNNModel.Shape(frames: 2, width: 3, metadata: 1, classes: 2)
    let networks: [any Trainable] = [
      DenseModel(.init(frames: 2, width: 3, metadata: 1, classes: 2), seed: nil), RNNModel(shape, seed: nil),
      StackModel(.init(columns: 3, classes: 2), seed: nil),
    ]
    for matrix in networks.flatMap({ $0.parameters }) where matrix.shape.count == 2 {
      #expect(matrix.value.values.allSatisfy { $0 == 0 }, "\(matrix.name)")
    }
    let drawn = RNNModel(shape, seed: 1)
    Weights(copying: drawn).restore(networks[1])
    #expect(networks[1].parameters.map(\.value.values) == drawn.parameters.map(\.value.values))
  }

  @Test func initialWeightsAreGlorots() {
    var random = SplitMix64(seed: 1)
    let values = Dense("d", inputs: 100, outputs: 50, hasBias: false, random: &random).weight.value.values
    #expect(abs((values.max() ?? 0) - 0.2) < 1e-3 && abs((values.min() ?? 0) + 0.2) < 1e-3)
    #expect(abs(values.reduce(0, +) / 5000) < 5e-3)
  }
}
