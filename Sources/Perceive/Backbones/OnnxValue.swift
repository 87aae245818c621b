/// A tensor of a graph under construction. Operators broadcast as ONNX does (like NumPy).
package struct OnnxValue {
  package let graph: OnnxGraph
  package let name: String

  package static func + (left: OnnxValue, right: OnnxValue) -> OnnxValue { left.graph.node("Add", [left, right]) }
  package static func - (left: OnnxValue, right: OnnxValue) -> OnnxValue { left.graph.node("Sub", [left, right]) }
  package static func * (left: OnnxValue, right: OnnxValue) -> OnnxValue { left.graph.node("Mul", [left, right]) }
  package static func / (left: OnnxValue, right: OnnxValue) -> OnnxValue { left.graph.node("Div", [left, right]) }
  package static func + (left: OnnxValue, right: Float) -> OnnxValue { left + left.graph.constant(right) }
  package static func - (left: OnnxValue, right: Float) -> OnnxValue { left - left.graph.constant(right) }
  package static func * (left: OnnxValue, right: Float) -> OnnxValue { left * left.graph.constant(right) }
  package static func / (left: OnnxValue, right: Float) -> OnnxValue { left / left.graph.constant(right) }
  package static func / (left: Float, right: OnnxValue) -> OnnxValue { right.graph.constant(left) / right }

  package var absolute: OnnxValue { graph.node("Abs", [self]) }
  package var squared: OnnxValue { self * self }
  package var squareRoot: OnnxValue { graph.node("Sqrt", [self]) }
  package var exponential: OnnxValue { graph.node("Exp", [self]) }
  package var logarithm: OnnxValue { graph.node("Log", [self]) }
  package var sigmoid: OnnxValue { graph.node("Sigmoid", [self]) }
  package var positive: OnnxValue { graph.node("Relu", [self]) }

  package func clamped(_ low: Float, _ high: Float) -> OnnxValue {
    graph.node("Clip", [self, graph.constant(low), graph.constant(high)])
  }

  /// Reductions keep the axes they reduce, with size 1.
  package func sum(_ axes: [Int]) -> OnnxValue {
    graph.node("ReduceSum", [self, graph.constant(axes)], [("keepdims", .int(1))])
  }
  package func mean(_ axes: [Int]) -> OnnxValue {
    graph.node("ReduceMean", [self], [("axes", .ints(axes)), ("keepdims", .int(1))])
  }
  package func maximum(_ axes: [Int]) -> OnnxValue {
    graph.node("ReduceMax", [self], [("axes", .ints(axes)), ("keepdims", .int(1))])
  }

  package func slice(axis: Int, _ range: Range<Int>) -> OnnxValue {
    graph.node(
      "Slice",
      [
        self, graph.constant([range.lowerBound]), graph.constant([range.upperBound]), graph.constant([axis]),
      ])
  }

  /// The entries in the order of `indices`, which may repeat.
  package func gathered(axis: Int, _ indices: [Int]) -> OnnxValue {
    graph.node("Gather", [self, graph.constant(indices)], [("axis", .int(axis))])
  }

  /// Matrix products over the last two axes.
  package func times(_ right: OnnxValue) -> OnnxValue { graph.node("MatMul", [self, right]) }

  package func transposed(_ order: [Int]) -> OnnxValue { graph.node("Transpose", [self], [("perm", .ints(order))]) }
  package func reshaped(_ shape: [Int]) -> OnnxValue { graph.node("Reshape", [self, graph.constant(shape)]) }
  package func cast(_ type: OnnxGraph.ElementType) -> OnnxValue {
    graph.node("Cast", [self], [("to", .int(type.rawValue))])
  }

  /// - Parameter kernels: float32 [outputs, inputs / groups, side, side], side odd; the result keeps height and width.
  package func convolved(_ kernels: OnnxValue, side: Int, groups: Int = 1) -> OnnxValue {
    graph.node(
      "Conv", [self, kernels],
      [
        ("kernel_shape", .ints([side, side])), ("pads", .ints([Int](repeating: side / 2, count: 4))),
        ("group", .int(groups)),
      ])
  }
}

/// Joins tensors along an axis.
package func concatenated(_ values: [OnnxValue], axis: Int) -> OnnxValue {
  guard let first = values.first else { preconditionFailure("nothing to join") }
  return first.graph.node("Concat", values, [("axis", .int(axis))])
}
