package import Numerics

/// A named tensor of a network: trained when it has a gradient, measured (moving statistics) when it has none.
package final class Parameter {
  /// Unique within a network, such as `head.1.weight`; the name in weights files.
  package let name: String
  /// As it stands in files: [n] or [n, m].
  package let shape: [Int]
  /// [n, m], or [1, n] for a vector.
  package let value: Matrix
  let slope: Gradient?

  package init(_ name: String, shape: [Int], initial: Float = 0, isTrained: Bool = true) {
    precondition((1...2).contains(shape.count), "\(name): parameters are vectors and matrices")
    self.name = name
    self.shape = shape
    let (rows, columns) = shape.count == 1 ? (1, shape[0]) : (shape[0], shape[1])
    value = Matrix(rows: rows, columns: columns)
    value.fill(initial)
    slope = isTrained ? Gradient(rows: rows, columns: columns) : nil
  }

  /// The loss's gradient as numbers, which layers write and add to. What the optimiser needs is less: `Gradient`.
  package var gradient: Matrix? { slope?.matrix }
}
