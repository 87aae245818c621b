import Networks
import Numerics
import Testing
import Vocabulary

/// Every layer and the whole model against PyTorch.
@Suite struct GoldenTests {
  @Test func dense() throws {
    let golden = try Golden("dense")
    var random = SplitMix64(seed: 1)
    let layer = Dense("dense", inputs: 7, outputs: 4, hasBias: true, random: &random)
    layer.weight.value.copy(try golden.matrix("weight"))
    layer.bias?.value.copy(try golden.values("bias"))
    try check(layer, golden, ["weight": layer.weight, "bias": try #require(layer.bias)])
  }

  @Test func batchNorm() throws {
    let golden = try Golden("batch-norm")
    let layer = BatchNorm("norm", features: 5)
    layer.gamma.value.copy(try golden.values("gamma"))
    layer.beta.value.copy(try golden.values("beta"))
    try check(layer, golden, ["gamma": layer.gamma, "beta": layer.beta])
    // After one batch the moving statistics are the batch's own.
    let output = layer.forward(try golden.matrix("x"), isTraining: false)
    expectClose(output.values, try golden.values("output"), "inference after one batch")
  }

  @Test func rectifier() throws { try check(Rectifier(), try Golden("rectifier"), [:]) }

  @Test func timeRange() throws {
    let golden = try Golden("time-range")
    #expect(TimeRange().forward(try golden.clips("x")).values == (try golden.values("output")))
  }

  @Test func normalisedAttention() throws {
    let golden = try Golden("attention")
    var random = SplitMix64(seed: 1)
    let layer = NormalisedAttention("attention", frames: 5, width: 19, momentum: 0.99, random: &random)
    let parameters = ["gamma": layer.gamma, "beta": layer.beta, "weight": layer.weight, "bias": layer.bias]
    for (name, parameter) in parameters { parameter.value.copy(try golden.values(name)) }
    let clips = try golden.clips("constant.x")
    expectClose(layer.forward(clips, isTraining: true).values, try golden.values("output"), "output")
    layer.backward(try golden.matrix("pull"))
    for (name, parameter) in parameters {
      expectClose(try #require(parameter.gradient).values, try golden.values("gradient.\(name)"), name)
    }
    expectClose(layer.forward(clips, isTraining: false).values, try golden.values("output"), "inference")
  }

  @Test func crossEntropy() throws {
    let golden = try Golden("cross-entropy")
    let (logits, targets) = (try golden.matrix("logits"), try golden.matrix("targets"))
    expectClose([Float(CrossEntropy.loss(logits, targets))], try golden.values("loss"), "loss")
    let gradient = Matrix(rows: 0, columns: 0)
    CrossEntropy.gradient(logits, targets, into: gradient)
    expectClose(gradient.values, try golden.values("gradient.logits"), "gradient")
  }

  @Test func adam() throws {
    let golden = try Golden("adam")
    let parameter = Parameter("p", shape: [6])
    parameter.value.copy(try golden.values("before"))
    let adam = Adam([parameter], learningRate: 1e-3)
    for step in 0..<5 {
      parameter.gradient?.copy(try golden.values("gradient.\(step)"))
      adam.step()
      expectClose(parameter.value.values, try golden.values("after.\(step)"), tolerance: 1e-6, "step \(step)")
    }
  }

  @Test func denseModelLearnsAsPyTorchDoes() throws {
    let golden = try Golden("dense-model")
    var shape = DenseModel.Shape(frames: 3, width: 21, metadata: 4, classes: 3)
    (shape.hidden, shape.metadataHidden) = (9, 6)
    var settings = DenseModel.Regularisation()
    settings.dropout = 0
    let model = DenseModel(shape, settings, seed: 1)
    let trained = model.parameters.filter { $0.gradient != nil }
    for parameter in trained { parameter.value.copy(try golden.values("before.\(parameter.name)")) }
    let adam = Adam(model.parameters, learningRate: 1e-3)
    let gradient = Matrix(rows: 0, columns: 0)
    var losses: [Float] = []
    for step in 0..<3 {
      let batch = try golden.clips("features.\(step)", metadata: "metadata.\(step)")
      let targets = try golden.matrix("targets.\(step)")
      let logits = model.forward(batch, isTraining: true)
      losses.append(Float(CrossEntropy.loss(logits, targets)))
      CrossEntropy.gradient(logits, targets, into: gradient)
      if step == 0 { expectClose(logits.values, try golden.values("logits"), "logits") }
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
      // Steps of Adam are about 0.001 whatever the gradient: where that is near 0, rounding decides a part of a step.
      expectClose(
        parameter.value.values, try golden.values("after.\(parameter.name)"), tolerance: 1e-3, parameter.name)
    }
    let batch = try golden.clips("features.0", metadata: "metadata.0")
    expectClose(
      model.forward(batch, isTraining: false).values, try golden.values("inference"), tolerance: 1e-3, "inference")
  }

  private func check(_ layer: any Layer, _ golden: Golden, _ parameters: [String: Parameter]) throws {
    let output = layer.forward(try golden.matrix("x"), isTraining: true)
    expectClose(output.values, try golden.values("output"), "output")
    let gradient = layer.backward(try golden.matrix("pull"))
    expectClose(gradient.values, try golden.values("gradient.x"), "gradient of the input")
    for (name, parameter) in parameters {
      expectClose(try #require(parameter.gradient).values, try golden.values("gradient.\(name)"), name)
    }
  }
}
