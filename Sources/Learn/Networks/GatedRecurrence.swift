package import Numerics
package import Vocabulary

/// The recurrent part of a gated recurrent unit (Cho et al. 2014) as cuDNN computes it: the reset gate is applied after
/// the product, which has a bias of its own. It reads its sequence backwards and, as Keras does, returns its states in
/// the order in which they were reached: the result's moment s has read the input's moments from the last to T - 1 - s.
///
/// With p the input's product at that moment, its bias included, and h the state before, [units]:
///
///     r = sigmoid(p_r + h U_r + c_r)
///     z = sigmoid(p_z + h U_z + c_z)
///     n = tanh(p_n + r (h U_n + c_n))
///     h' = n + z (h - n)
///
/// Products and weights have the gates side by side, in cuDNN's order r, z, n. All rows are clip by clip.
package final class GatedRecurrence {
  /// U [units, 3 units] and c [3 units].
  package let weight: Parameter
  package let bias: Parameter
  let units: Int
  let frames: Int
  /// [clips * (frames + 1), units]: the states of each clip; the first is zero.
  let states = Matrix(rows: 0, columns: 0)
  /// [clips * frames, units]: h U_n + c_n, by steps.
  let candidates = Matrix(rows: 0, columns: 0)
  private let output = Matrix(rows: 0, columns: 0)
  /// [clips, 3 units]: h U of one step.
  private let product = Matrix(rows: 0, columns: 0)
  /// The input of the latest training `forward`, which holds r, z and n now.
  var gates: Matrix?
  /// [clips * (frames + 1), 3 units]: the gradient for h U by steps, and a row of zeros.
  let productGradient = Matrix(rows: 0, columns: 0)
  /// [clips, units]: of the state before the step.
  let stateGradient = Matrix(rows: 0, columns: 0)

  /// - Parameter isDrawn: otherwise the weights are zeros, for others that take their place at once.
  package init(_ name: String, units: Int, frames: Int, random: inout SplitMix64, isDrawn: Bool = true) {
    self.units = units
    self.frames = frames
    weight = Parameter("\(name).recurrent", shape: [units, 3 * units])
    if isDrawn { weight.drawOrthogonal(&random) }
    bias = Parameter("\(name).recurrentBias", shape: [3 * units])
  }

  package var parameters: [Parameter] { [weight, bias] }

  /// Returns the states, [clips * frames, units].
  ///
  /// - Parameter input: [clips * frames, 3 units]; what it holds is overwritten, and must be left alone until `backward`.
  package func forward(_ input: Matrix, isTraining: Bool) -> Matrix {
    precondition(input.columns == 3 * units && input.rows.isMultiple(of: frames), "another shape")
    let clips = input.rows / frames
    gates = isTraining ? input : nil
    states.reshape(rows: clips * (frames + 1), columns: units)
    candidates.reshape(rows: input.rows, columns: units)
    output.reshape(rows: input.rows, columns: units)
    product.reshape(rows: clips, columns: 3 * units)
    for clip in 0..<clips { states.row(clip * (frames + 1)).update(repeating: 0, count: units) }
    for step in 0..<frames {
      if isTraining {
        product.multiply(states.rows(from: step, step: frames + 1, count: clips), weight.value.plain)
      } else {
        product.multiplyIndependently(states, from: step, step: frames + 1, weight.value)
      }
      for clip in 0..<clips { advance(clip, step, input.row(clip * frames + frames - 1 - step)) }
    }
    return output
  }

  private func advance(_ clip: Int, _ step: Int, _ gates: UnsafeMutablePointer<Float>) {
    let (product, bias, units) = (product.row(clip), bias.value.start, units)
    let candidate = candidates.row(clip * frames + step)
    for index in 0..<2 * units { gates[index] += product[index] + bias[index] }
    Vectors.sigmoid(gates, count: 2 * units)
    let (r, z, n) = (gates, gates + units, gates + 2 * units)
    let (own, c) = (product + 2 * units, bias + 2 * units)
    for index in 0..<units {
      candidate[index] = own[index] + c[index]
      n[index] += r[index] * candidate[index]
    }
    Vectors.tanh(n, count: units)
    let before = states.row(clip * (frames + 1) + step)
    let (after, result) = (before + units, output.row(clip * frames + step))
    for index in 0..<units {
      let state = n[index] + z[index] * (before[index] - n[index])
      after[index] = state
      result[index] = state
    }
  }
}
