import Networks
import Numerics
import Testing
import Vocabulary

/// Every layer against PyTorch.
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
    let clips = try golden.clips("x")
    let norm = NormalisedFeatures("features", width: clips.features.columns, momentum: 0.99)
    for isTraining in [true, false] {
      norm.observe(clips, isTraining: isTraining)
      if !isTraining { for clip in 0..<clips.clips { norm.measureRange(of: clip, in: clips) } }
      #expect(norm.range.values == (try golden.values("output")))
    }
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

  @Test func recurrence() throws {
    let golden = try Golden("recurrence")
    var random = SplitMix64(seed: 1)
    let layer = GatedRecurrence("gru", units: 6, frames: 5, random: &random)
    let parameters = ["weight": layer.weight, "bias": layer.bias]
    for (name, parameter) in parameters { parameter.value.copy(try golden.values(name)) }
    for isTraining in [false, true] {
      // The layer overwrites what it reads.
      let output = layer.forward(try golden.matrix("x"), isTraining: isTraining)
      expectClose(output.values, try golden.values("output"), tolerance: 1e-5, "output, training: \(isTraining)")
    }
    let gradient = layer.backward(try golden.matrix("pull"))
    expectClose(gradient.values, try golden.values("gradient.x"), "gradient of the input")
    try checkGradients(golden, parameters)
  }

  @Test func sequenceAttention() throws {
    let golden = try Golden("sequence-attention")
    var random = SplitMix64(seed: 1)
    let norm = NormalisedFeatures("features", width: 7, momentum: 0.99)
    let layer = SequenceAttention("attention", sequences: [4, 3], norm: norm, random: &random)
    let parameters = ["gamma": norm.gamma, "beta": norm.beta, "weight": layer.weight]
    for (name, parameter) in parameters { parameter.value.copy(try golden.values(name)) }
    let (clips, sequences) = (try golden.clips("constant.x"), [try golden.matrix("one"), try golden.matrix("two")])
    norm.observe(clips, isTraining: true)
    let output = layer.forward(sequences, clips, isTraining: true)
    expectClose(output.values, try golden.values("output"), tolerance: 1e-5, "output")
    norm.clearGradients()
    let gradients = layer.backward(try golden.matrix("pull"))
    for (name, gradient) in zip(["one", "two"], gradients) {
      expectClose(gradient.values, try golden.values("gradient.\(name)"), name)
    }
    try checkGradients(golden, parameters)
  }

  @Test func normalisedProjection() throws {
    let golden = try Golden("projection")
    var random = SplitMix64(seed: 1)
    let norm = NormalisedFeatures("features", width: 7, momentum: 0.99)
    let layer = NormalisedProjection("first", outputs: 9, norm: norm, dropout: 0, random: &random)
    let parameters = ["gamma": norm.gamma, "beta": norm.beta, "weight": layer.weight, "bias": layer.bias]
    for (name, parameter) in parameters { parameter.value.copy(try golden.values(name)) }
    let clips = try golden.clips("constant.x")
    for isTraining in [true, false] {
      norm.observe(clips, isTraining: isTraining)
      let output = layer.forward(clips, isTraining: isTraining)
      expectClose(output.values, try golden.values("output"), tolerance: 1e-5, "output, training: \(isTraining)")
    }
    norm.clearGradients()
    layer.backward(try golden.matrix("pull"))
    try checkGradients(golden, parameters)
  }

  private func check(_ layer: any Layer, _ golden: Golden, _ parameters: [String: Parameter]) throws {
    let output = layer.forward(try golden.matrix("x"), isTraining: true)
    expectClose(output.values, try golden.values("output"), "output")
    let gradient = layer.backward(try golden.matrix("pull"))
    expectClose(gradient.values, try golden.values("gradient.x"), "gradient of the input")
    try checkGradients(golden, parameters)
  }

  private func checkGradients(_ golden: Golden, _ parameters: [String: Parameter]) throws {
    for (name, parameter) in parameters {
      expectClose(try #require(parameter.gradient).values, try golden.values("gradient.\(name)"), name)
    }
  }
}
