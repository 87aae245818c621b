package import Numerics

extension GatedRecurrence {
  /// Sets the parameters' gradients and returns that for the input, in the input's own memory: [clips * frames, 3 units].
  ///
  /// With dh the gradient of the step's state, q = h U_n + c_n and dp the gradient of the gates before their curves:
  /// dp_n = dh (1 - z) (1 - n^2); dp_z = dh (h - n) z (1 - z); dp_r = dp_n q r (1 - r);
  /// d(h U) = [dp_r, dp_z, r dp_n]; and h is passed z dh + d(h U) U^T. dU is one product over all steps.
  ///
  /// - Parameter gradient: the loss's gradient for the output, [clips * frames, units].
  package func backward(_ gradient: Matrix) -> Matrix {
    guard let gates else { preconditionFailure("backward belongs to a training forward") }
    let clips = gates.rows / frames
    productGradient.reshape(rows: clips * (frames + 1), columns: 3 * units)
    stateGradient.reshape(rows: clips, columns: units)
    stateGradient.fill(0)
    // The last state goes into no product: a row of zeros in its place lets one product pair all others.
    for clip in 0..<clips { productGradient.row(clip * (frames + 1) + frames).update(repeating: 0, count: 3 * units) }
    for step in (0..<frames).reversed() {
      for clip in 0..<clips {
        retreat(
          clip, step, gates: gates.row(clip * frames + frames - 1 - step), gradient.row(clip * frames + step))
      }
      // Before the first step the state is no variable.
      if step > 0 {
        stateGradient.multiply(
          productGradient.rows(from: step, step: frames + 1, count: clips), weight.value.transposed, adding: true)
      }
    }
    weight.gradient?.multiply(states.transposed, productGradient.plain)
    if let sums = bias.gradient {
      sums.fill(0)
      for row in 0..<productGradient.rows { Vectors.add(productGradient.row(row), to: sums.start, count: 3 * units) }
    }
    return gates
  }

  /// Replaces the gates of one step by their gradients, and the gradient of its state by its part for the state before.
  private func retreat(
    _ clip: Int, _ step: Int, gates: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>
  ) {
    let (units, dh) = (units, stateGradient.row(clip))
    let (r, z, n) = (gates, gates + units, gates + 2 * units)
    let (h, q) = (states.row(clip * (frames + 1) + step), candidates.row(clip * frames + step))
    let product = productGradient.row(clip * (frames + 1) + step)
    let (productR, productZ, productN) = (product, product + units, product + 2 * units)
    for index in 0..<units {
      let slope = dh[index] + gradient[index]
      let (reset, update, new) = (r[index], z[index], n[index])
      let dn = slope * (1 - update) * (1 - new * new)
      let dz = slope * (h[index] - new) * update * (1 - update)
      let dr = dn * q[index] * reset * (1 - reset)
      dh[index] = slope * update
      r[index] = dr
      z[index] = dz
      n[index] = dn
      productR[index] = dr
      productZ[index] = dz
      productN[index] = dn * reset
    }
  }
}
