import Networks
import Numerics
import Testing
import Vocabulary

@Suite struct AdamTests {
  /// A dense layer's gradient is computed panel by panel while Adam moves its weights: the same step as with the whole.
  @Test(arguments: [(5, 7), (700, 100), (3, 70_000)])
  func stepsAreThoseOfTheWholeGradient(_ inputs: Int, _ outputs: Int) {
    var random = SplitMix64(seed: 3)
    let dense = Dense("dense", inputs: inputs, outputs: outputs, hasBias: true, random: &random)
    let plain = Parameter("plain", shape: [inputs, outputs])
    plain.value.copy(dense.weight.value)
    let (adam, other) = (Adam(dense.parameters, learningRate: 1e-3), Adam([plain], learningRate: 1e-3))
    for _ in 0..<2 {
      let (input, pull) = (draw(4, inputs, &random), draw(4, outputs, &random))
      _ = dense.forward(input, isTraining: true)
      _ = dense.backward(pull)
      plain.gradient?.multiply(input.transposed, pull.plain)
      adam.step()
      other.step()
    }
    // Products of other shapes may have other last digits.
    let worst = zip(dense.weight.value.values, plain.value.values).map { abs($0 - $1) }.max() ?? 0
    #expect(worst < 1e-6)
  }

  /// Asking for the gradient does not change it, nor the step.
  @Test func theGradientCanBeReadBeforeTheStep() throws {
    var random = SplitMix64(seed: 4)
    let dense = Dense("dense", inputs: 6, outputs: 5, hasBias: false, random: &random)
    let adam = Adam(dense.parameters, learningRate: 1e-3)
    _ = dense.forward(draw(3, 6, &random), isTraining: true)
    _ = dense.backward(draw(3, 5, &random))
    let gradient = try #require(dense.weight.gradient).values
    let before = dense.weight.value.values
    adam.step()
    // Adam's first step goes by the gradient's sign alone.
    for (index, slope) in gradient.enumerated() where abs(slope) > 1e-3 {
      #expect(abs(dense.weight.value.values[index] - before[index] + (slope > 0 ? 1e-3 : -1e-3)) < 1e-6)
    }
    #expect(dense.weight.gradient?.values == gradient)
  }

  private func draw(_ rows: Int, _ columns: Int, _ random: inout SplitMix64) -> Matrix {
    let matrix = Matrix(rows: rows, columns: columns)
    for index in 0..<matrix.count { matrix.start[index] = random.uniform() * 2 - 1 }
    return matrix
  }
}
