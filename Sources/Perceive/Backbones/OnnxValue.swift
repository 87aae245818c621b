/// A tensor of a graph under construction. Operators broadcast as ONNX does (like NumPy).
struct OnnxValue {
  let graph: OnnxGraph
  let name: String

  static func + (left: OnnxValue, right: OnnxValue) -> OnnxValue { left.graph.node("Add", [left, right]) }
  static func - (left: OnnxValue, right: OnnxValue) -> OnnxValue { left.graph.node("Sub", [left, right]) }
  static func * (left: OnnxValue, right: OnnxValue) -> OnnxValue { left.graph.node("Mul", [left, right]) }
  static func / (left: OnnxValue, right: OnnxValue) -> OnnxValue { left.graph.node("Div", [left, right]) }
  static func + (left: OnnxValue, right: Float) -> OnnxValue { left + left.graph.constant(right) }
  static func - (left: OnnxValue, right: Float) -> OnnxValue { left - left.graph.constant(right) }
  static func * (left: OnnxValue, right: Float) -> OnnxValue { left * left.graph.constant(right) }
  static func / (left: OnnxValue, right: Float) -> OnnxValue { left / left.graph.constant(right) }
  static func / (left: Float, right: OnnxValue) -> OnnxValue { right.graph.constant(left) / right }

  var absolute: OnnxValue { graph.node("Abs", [self]) }
  var squared: OnnxValue { self * self }
  var squareRoot: OnnxValue { graph.node("Sqrt", [self]) }
  var exponential: OnnxValue { graph.node("Exp", [self]) }
  var logarithm: OnnxValue { graph.node("Log", [self]) }
  var sigmoid: OnnxValue { graph.node("Sigmoid", [self]) }
  var positive: OnnxValue { graph.node("Relu", [self]) }

  func clamped(_ low: Float, _ high: Float) -> OnnxValue {
    graph.node("Clip", [self, graph.constant(low), graph.constant(high)])
  }

  /// Reductions keep the axes they reduce, with size 1.
  func sum(_ axes: [Int]) -> OnnxValue {
    graph.node("ReduceSum", [self, graph.constant(axes)], [("keepdims", .int(1))])
  }
  func mean(_ axes: [Int]) -> OnnxValue {
    graph.node("ReduceMean", [self], [("axes", .ints(axes)), ("keepdims", .int(1))])
  }
  func maximum(_ axes: [Int]) -> OnnxValue {
    graph.node("ReduceMax", [self], [("axes", .ints(axes)), ("keepdims", .int(1))])
  }

  func slice(axis: Int, _ range: Range<Int>) -> OnnxValue {
    graph.node(
      "Slice",
      [
        self, graph.constant([range.lowerBound]), graph.constant([range.upperBound]), graph.constant([axis]),
      ])
  }

  /// The entries in the order of `indices`, which may repeat.
  func gathered(axis: Int, _ indices: [Int]) -> OnnxValue {
    graph.node("Gather", [self, graph.constant(indices)], [("axis", .int(axis))])
  }

  /// Matrix products over the last two axes.
  func times(_ right: OnnxValue) -> OnnxValue { graph.node("MatMul", [self, right]) }

  func transposed(_ order: [Int]) -> OnnxValue { graph.node("Transpose", [self], [("perm", .ints(order))]) }
  func reshaped(_ shape: [Int]) -> OnnxValue { graph.node("Reshape", [self, graph.constant(shape)]) }
  func cast(_ type: OnnxGraph.ElementType) -> OnnxValue {
    graph.node("Cast", [self], [("to", .int(type.rawValue))])
  }

  /// - Parameter kernels: float32 [outputs, inputs / groups, side, side], side odd; the result keeps height and width.
  func convolved(_ kernels: OnnxValue, side: Int, groups: Int = 1) -> OnnxValue {
    graph.node(
      "Conv", [self, kernels],
      [
        ("kernel_shape", .ints([side, side])), ("pads", .ints([Int](repeating: side / 2, count: 4))),
        ("group", .int(groups)),
      ])
  }
}

/// Joins tensors along an axis.
func concatenated(_ values: [OnnxValue], axis: Int) -> OnnxValue {
  guard let first = values.first else { preconditionFailure("nothing to join") }
  return first.graph.node("Concat", values, [("axis", .int(axis))])
}
