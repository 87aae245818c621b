import Foundation
import Networks
import Numerics
import TensorFiles
import TestSupport
import Testing
import Vocabulary

/// What recurrent models promise beyond their numbers.
@Suite struct RecurrentTests {
  /// Moment s of what the layer returns has read the input's last s + 1 moments, and no other.
  @Test func aRecurrenceReadsBackwardsAndReturnsItsStatesAsTheyCame() {
    var random = SplitMix64(seed: 1)
    let (units, frames) = (3, 4)
    let layer = GatedRecurrence("gru", units: units, frames: frames, random: &random)
    let input = Matrix(rows: 2 * frames, columns: 3 * units)
    for index in 0..<input.count { input.start[index] = random.uniform() }
    func states(changing frame: Int?) -> [Float] {
      let copy = Matrix(rows: input.rows, columns: input.columns, values: input.values)
      if let frame { for clip in 0..<2 { copy[clip * frames + frame, 2 * units] += 1 } }
      return layer.forward(copy, isTraining: true).values
    }
    let before = states(changing: nil)
    for frame in 0..<frames {
      let after = states(changing: frame)
      for row in 0..<2 * frames {
        let own = row * units..<(row + 1) * units
        #expect((after[own] == before[own]) == (frame < frames - 1 - row % frames), "frame \(frame), row \(row)")
      }
    }
  }

  @Test func recurrentWeightsStartOrthogonal() {
    var random = SplitMix64(seed: 1)
    let weight = GatedRecurrence("gru", units: 20, frames: 1, random: &random).weight.value
    let products = Matrix(rows: 20, columns: 20)
    products.multiply(weight.plain, weight.transposed)
    for row in 0..<20 { for column in 0..<20 { #expect(abs(products[row, column] - (row == column ? 1 : 0)) < 1e-5) } }
  }

  /// In training a dropped feature is its mean, here 0.5, whatever gamma and beta are; and a share of them is dropped.
  @Test func aDroppedFeatureIsItsMean() {
    var random = SplitMix64(seed: 1)
    let norm = NormalisedFeatures("features", width: 1, momentum: 0.9)
    let layer = NormalisedProjection("first", outputs: 1, norm: norm, dropout: 0.25, random: &random)
    (norm.gamma.value[0, 0], norm.beta.value[0, 0]) = (2, 3)
    (layer.weight.value[0, 0], layer.bias.value[0, 0]) = (1, 10)
    let batch = FeatureBatch(clips: 1000, frames: 2, width: 1, metadata: 0)
    for row in 0..<batch.features.rows { batch.features[row, 0] = row % 2 == 0 ? 0 : 1 }
    norm.observe(batch, isTraining: true)
    let values = layer.forward(batch, isTraining: true).values
    let scale = 1 / (Float(0.25) + BatchNorm.epsilon).squareRoot() / 0.75
    let dropped = values.count { $0 == 13 }
    #expect((400...600).contains(dropped))
    #expect(values.allSatisfy { $0 == 13 || abs(abs($0 - 13) - scale) < 1e-4 })
  }

  /// Dropout follows from the seed, whatever was drawn before: how training goes on after a crash as it would have.
  @Test func restartedModelsDrawTheSame() {
    let batch = drawBatch(clips: 6, seed: 2)
    let columns = Matrix(rows: 6, columns: 9)
    for index in 0..<columns.count { columns.start[index] = Float(index % 7) }
    var shape = RNNModel.Shape(frames: 3, width: 9, metadata: 2, classes: 2)
    (shape.units, shape.hidden) = (4, 6)
    let (rnn, dense) = (
      RNNModel(shape, seed: 1), DenseModel(.init(frames: 3, width: 9, metadata: 2, classes: 2), seed: 1)
    )
    let stack = StackModel(.init(columns: 9, classes: 2), seed: 1)
    let subjects: [(any Trainable, () -> [Float])] = [
      (rnn, { rnn.forward(batch, isTraining: true).values }),
      (dense, { dense.forward(batch, isTraining: true).values }),
      (stack, { stack.forward(columns, isTraining: true).values }),
    ]
    for (model, answer) in subjects {
      model.restart(seed: 5)
      let first = answer()
      #expect(answer() != first)
      model.restart(seed: 5)
      #expect(answer() == first)
      model.restart(seed: 6)
      #expect(answer() != first)
    }
  }

  /// Sizes at which ordinary products would not keep this.
  @Test func aClipsLogitsDependOnTheClipAlone() {
    var shape = RNNModel.Shape(frames: 5, width: 70, metadata: 2, classes: 3)
    (shape.units, shape.hidden) = (40, 64)
    let model = RNNModel(shape, seed: 1)
    let batch = drawBatch(clips: 61, frames: 5, width: 70, seed: 3)
    _ = model.forward(batch, isTraining: true)
    let all = model.forward(batch, isTraining: false).values
    for (first, count) in [(0, 1), (60, 1), (7, 33), (13, 48)] {
      let part = FeatureBatch(clips: count, frames: 5, width: 70, metadata: 2)
      part.features.start.update(from: batch.clip(first), count: part.features.count)
      part.metadata.start.update(from: batch.metadata.row(first), count: part.metadata.count)
      let isSame = model.forward(part, isTraining: false).values == Array(all[first * 3..<(first + count) * 3])
      #expect(isSame, "\(count) clips from \(first) on")
    }
  }

  /// The same seed and batches give the same bytes.
  @Test func trainingIsReproducible() {
    func train() -> [[Float]] {
      var shape = RNNModel.Shape(frames: 3, width: 9, metadata: 2, classes: 2)
      (shape.units, shape.hidden) = (4, 6)
      let model = RNNModel(shape, seed: 1)
      let adam = Adam(model.parameters, learningRate: 1e-3)
      let (targets, gradient) = (Matrix(rows: 6, columns: 2), Matrix(rows: 0, columns: 0))
      for seed: UInt64 in 1...3 {
        CrossEntropy.gradient(model.forward(drawBatch(clips: 6, seed: seed), isTraining: true), targets, into: gradient)
        model.backward(gradient)
        adam.step()
      }
      return model.parameters.map(\.value.values)
    }
    let isSame = train() == train()
    #expect(isSame)
  }

  /// Weights, Adam's moments and a seed for each epoch are all that training needs to go on as if nothing had happened.
  @Test func trainingGoesOnFromItsFilesAsItWouldHave() throws {
    func makeModel(seed: UInt64) -> (RNNModel, Adam) {
      var shape = RNNModel.Shape(frames: 3, width: 9, metadata: 2, classes: 2)
      (shape.units, shape.hidden) = (4, 6)
      let model = RNNModel(shape, seed: seed)
      return (model, Adam(model.parameters, learningRate: 1e-3))
    }
    func train(_ model: RNNModel, _ adam: Adam, epoch: UInt64) {
      model.restart(seed: epoch)
      let (targets, gradient) = (Matrix(rows: 6, columns: 2), Matrix(rows: 0, columns: 0))
      for step: UInt64 in 0..<2 {
        let batch = drawBatch(clips: 6, seed: epoch * 10 + step)
        CrossEntropy.gradient(model.forward(batch, isTraining: true), targets, into: gradient)
        model.backward(gradient)
        adam.step()
      }
    }
    let (whole, adam) = makeModel(seed: 1)
    train(whole, adam, epoch: 1)
    try Scratch.with { directory in
      let path = BytePath(directory.path).appending("state.safetensors")
      try TensorFile.write(Weights.tensors(of: whole) + adam.tensors, to: path)
      let (other, otherAdam) = makeModel(seed: 2)
      let file = try TensorFile(mapping: path)
      try Weights.load(file, into: other)
      try otherAdam.load(file)
      train(whole, adam, epoch: 2)
      train(other, otherAdam, epoch: 2)
      let isSame = whole.parameters.map(\.value.values) == other.parameters.map(\.value.values)
      #expect(isSame)
      let weights = BytePath(directory.path).appending("weights.safetensors")
      try TensorFile.write(Weights.tensors(of: whole), to: weights)
      #expect(throws: TensorFileError.self) { try otherAdam.load(try TensorFile(mapping: weights)) }
    }
  }

  private func drawBatch(clips: Int, frames: Int = 3, width: Int = 9, seed: UInt64) -> FeatureBatch {
    var random = SplitMix64(seed: seed)
    let batch = FeatureBatch(clips: clips, frames: frames, width: width, metadata: 2)
    for index in 0..<batch.features.count { batch.features.start[index] = random.uniform() }
    for index in 0..<batch.metadata.count { batch.metadata.start[index] = random.uniform() }
    return batch
  }
}
