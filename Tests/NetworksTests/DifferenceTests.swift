import Networks
import Numerics
import Testing
import Vocabulary

/// Gradients against central differences of what `forward` computes: independent of any other implementation.
@Suite struct DifferenceTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var make: @Sendable (inout SplitMix64) -> any Layer
  }

  @Test(arguments: [
    Case(testDescription: "dense") { Dense("d", inputs: 5, outputs: 4, hasBias: true, random: &$0) },
    Case(testDescription: "dense without bias") { Dense("d", inputs: 5, outputs: 4, hasBias: false, random: &$0) },
    Case(testDescription: "batch norm") { _ in BatchNorm("n", features: 5) },
    Case(testDescription: "rectifier") { _ in Rectifier() },
    Case(testDescription: "chain") {
      Chain([
        Dense("a", inputs: 5, outputs: 6, hasBias: false, random: &$0), BatchNorm("b", features: 6), Rectifier(),
        Dense("c", inputs: 6, outputs: 3, hasBias: true, random: &$0),
      ])
    },
  ])
  func ofLayers(_ example: Case) throws {
    var random = SplitMix64(seed: 5)
    let layer = example.make(&random)
    for parameter in layer.parameters where parameter.gradient != nil { draw(parameter.value, &random) }
    let input = Matrix(rows: 7, columns: 5)
    draw(input, &random)
    let output = layer.forward(input, isTraining: true)
    let pull = Matrix(rows: output.rows, columns: output.columns)
    draw(pull, &random)
    let found = layer.backward(pull).values
    let gradients = layer.parameters.compactMap(\.gradient).map(\.values)
    func loss() -> Double { inner(layer.forward(input, isTraining: true), pull) }
    expectClose(found, differences(input, loss), tolerance: 5e-3, "input")
    let trained = layer.parameters.filter { $0.gradient != nil }
    for (parameter, gradient) in zip(trained, gradients) {
      expectClose(gradient, differences(parameter.value, loss), tolerance: 5e-3, parameter.name)
    }
  }

  @Test func ofNormalisedAttention() throws {
    var random = SplitMix64(seed: 6)
    let layer = NormalisedAttention("a", frames: 4, width: 6, momentum: 0.9, random: &random)
    let batch = FeatureBatch(clips: 3, frames: 4, width: 6, metadata: 0)
    draw(batch.features, &random)
    let trained = layer.parameters.filter { $0.gradient != nil }
    for parameter in trained { draw(parameter.value, &random) }
    let pull = Matrix(rows: 3, columns: 6)
    draw(pull, &random)
    func loss() -> Double { inner(layer.forward(batch, isTraining: true), pull) }
    _ = loss()
    layer.backward(pull)
    for parameter in trained {
      let gradient = try #require(parameter.gradient).values
      expectClose(gradient, differences(parameter.value, loss), tolerance: 5e-3, parameter.name)
    }
  }

  @Test(arguments: [0, 3])
  func ofTheDenseModel(_ metadata: Int) throws {
    var random = SplitMix64(seed: 7)
    var shape = DenseModel.Shape(frames: 3, width: 4, metadata: metadata, classes: 2)
    (shape.hidden, shape.metadataHidden) = (5, 4)
    var settings = DenseModel.Regularisation()
    settings.dropout = 0
    let model = DenseModel(shape, settings, seed: 3)
    let batch = FeatureBatch(clips: 8, frames: 3, width: 4, metadata: metadata)
    draw(batch.features, &random)
    draw(batch.metadata, &random)
    let targets = Matrix(rows: 8, columns: 2)
    for index in 0..<targets.count { targets.start[index] = random.uniform() < 0.5 ? 1 : 0 }
    func loss() -> Double { CrossEntropy.loss(model.forward(batch, isTraining: true), targets) }
    let gradient = Matrix(rows: 0, columns: 0)
    CrossEntropy.gradient(model.forward(batch, isTraining: true), targets, into: gradient)
    model.backward(gradient)
    let all = model.parameters.compactMap(\.gradient).map(\.values)
    for (parameter, gradient) in zip(model.parameters.filter { $0.gradient != nil }, all) {
      // Rectifiers have kinks, which a difference may straddle: small steps, and the tolerance of float32 for them.
      expectClose(gradient, differences(parameter.value, step: 2e-3, loss), tolerance: 3e-2, parameter.name)
    }
  }

  @Test func ofTheRecurrence() throws {
    var random = SplitMix64(seed: 8)
    let layer = GatedRecurrence("gru", units: 3, frames: 4, random: &random)
    draw(layer.bias.value, &random)
    let (input, pull) = (Matrix(rows: 8, columns: 9), Matrix(rows: 8, columns: 3))
    draw(input, &random)
    draw(pull, &random)
    // The layer overwrites what it reads.
    func forward() -> Matrix {
      layer.forward(Matrix(rows: 8, columns: 9, values: input.values), isTraining: true)
    }
    func loss() -> Double { inner(forward(), pull) }
    _ = forward()
    let found = layer.backward(pull).values
    let gradients = layer.parameters.compactMap(\.gradient).map(\.values)
    expectClose(found, differences(input, loss), tolerance: 5e-3, "input")
    for (parameter, gradient) in zip(layer.parameters, gradients) {
      expectClose(gradient, differences(parameter.value, loss), tolerance: 5e-3, parameter.name)
    }
  }

  @Test func ofSequenceAttention() throws {
    var random = SplitMix64(seed: 9)
    let norm = NormalisedFeatures("features", width: 5, momentum: 0.9)
    let layer = SequenceAttention("a", sequences: [3, 2], norm: norm, random: &random)
    let batch = FeatureBatch(clips: 3, frames: 4, width: 5, metadata: 0)
    let sequences = [Matrix(rows: 12, columns: 3), Matrix(rows: 12, columns: 2)]
    let pull = Matrix(rows: 3, columns: 10)
    let trained = [norm.gamma, norm.beta, layer.weight]
    for matrix in [batch.features, pull] + sequences + trained.map(\.value) { draw(matrix, &random) }
    norm.observe(batch, isTraining: true)
    func loss() -> Double { inner(layer.forward(sequences, batch, isTraining: true), pull) }
    _ = loss()
    norm.clearGradients()
    let found = layer.backward(pull).map(\.values)
    let gradients = trained.compactMap(\.gradient).map(\.values)
    for (sequence, gradient) in zip(sequences, found) {
      expectClose(gradient, differences(sequence, loss), tolerance: 5e-3, "sequence")
    }
    for (parameter, gradient) in zip(trained, gradients) {
      expectClose(gradient, differences(parameter.value, loss), tolerance: 5e-3, parameter.name)
    }
  }

  /// With dropout: the same values are dropped each time.
  @Test(arguments: [0, 0.4] as [Float])
  func ofTheNormalisedProjection(_ share: Float) throws {
    var random = SplitMix64(seed: 10)
    let norm = NormalisedFeatures("features", width: 5, momentum: 0.9)
    let layer = NormalisedProjection("first", outputs: 4, norm: norm, dropout: share, random: &random)
    let batch = FeatureBatch(clips: 3, frames: 4, width: 5, metadata: 0)
    let pull = Matrix(rows: 12, columns: 4)
    let trained = [norm.gamma, norm.beta, layer.weight, layer.bias]
    for matrix in [batch.features, pull] + trained.map(\.value) { draw(matrix, &random) }
    norm.observe(batch, isTraining: true)
    func loss() -> Double {
      var mask = SplitMix64(seed: 4)
      layer.restart(&mask)
      return inner(layer.forward(batch, isTraining: true), pull)
    }
    _ = loss()
    norm.clearGradients()
    layer.backward(pull)
    let gradients = trained.compactMap(\.gradient).map(\.values)
    for (parameter, gradient) in zip(trained, gradients) {
      expectClose(gradient, differences(parameter.value, loss), tolerance: 5e-3, parameter.name)
    }
  }

  /// Dropout included, drawn alike each time.
  @Test func ofTheRNNModel() throws {
    var shape = RNNModel.Shape(frames: 3, width: 4, metadata: 3, classes: 2)
    (shape.units, shape.hidden, shape.metadataHidden) = (3, 5, 4)
    let model = RNNModel(shape, seed: 3)
    var random = SplitMix64(seed: 11)
    let batch = FeatureBatch(clips: 8, frames: 3, width: 4, metadata: 3)
    let targets = Matrix(rows: 8, columns: 2)
    for matrix in [batch.features, batch.metadata, targets] { draw(matrix, &random) }
    for index in 0..<targets.count { targets.start[index] = targets.start[index] < 0 ? 1 : 0 }
    func logits() -> Matrix {
      model.restart(seed: 12)
      return model.forward(batch, isTraining: true)
    }
    func loss() -> Double { CrossEntropy.loss(logits(), targets) }
    let gradient = Matrix(rows: 0, columns: 0)
    CrossEntropy.gradient(logits(), targets, into: gradient)
    model.backward(gradient)
    let all = model.parameters.compactMap(\.gradient).map(\.values)
    for (parameter, gradient) in zip(model.parameters.filter { $0.gradient != nil }, all) {
      expectClose(gradient, differences(parameter.value, step: 2e-3, loss), tolerance: 3e-2, parameter.name)
    }
  }

  private func differences(_ values: Matrix, step: Float = 1e-2, _ loss: () -> Double) -> [Float] {
    (0..<values.count).map { index in
      let value = values.start[index]
      values.start[index] = value + step
      let above = loss()
      values.start[index] = value - step
      let below = loss()
      values.start[index] = value
      return Float((above - below) / (2 * Double(step)))
    }
  }

  private func inner(_ left: Matrix, _ right: Matrix) -> Double {
    zip(left.values, right.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }

  private func draw(_ matrix: Matrix, _ random: inout SplitMix64) {
    for index in 0..<matrix.count { matrix.start[index] = random.uniform() * 2 - 1 }
  }
}
