/// Builds an ONNX model (github.com/onnx/onnx, onnx.proto3), node by node in the order of the calls.
package final class OnnxGraph {
  package enum ElementType: Int {
    case float32 = 1
    case uint8 = 2
    case int64 = 7
  }

  package enum Attribute {
    case int(Int)
    case ints([Int])
    case string(String)
  }

  /// A dimension: its size, or the name of one that is free.
  package enum Dimension {
    case fixed(Int)
    case free(String)
  }

  private static let operatorSet = 17
  private static let intermediateVersion = 8

  private let name: String
  private var graph = ProtobufMessage()
  private var initializers = ProtobufMessage()
  private var ports = ProtobufMessage()
  private var count = 0
  /// Constants by their serialised content, so that equal ones are stored once.
  private var constants: [[UInt8]: String] = [:]

  package init(_ name: String) { self.name = name }

  package func input(_ name: String, _ type: ElementType, _ shape: [Dimension]) -> OnnxValue {
    ports.add(11, Self.port(name, type, shape))
    return OnnxValue(graph: self, name: name)
  }

  /// Names `value` as an output.
  package func output(_ name: String, _ value: OnnxValue, _ shape: [Dimension]) {
    add("Identity", [value.name], to: name, [])
    ports.add(12, Self.port(name, .float32, shape))
  }

  package func node(_ type: String, _ inputs: [OnnxValue], _ attributes: [(String, Attribute)] = []) -> OnnxValue {
    let name = fresh()
    add(type, inputs.map(\.name), to: name, attributes)
    return OnnxValue(graph: self, name: name)
  }

  package func constant(_ values: [Float], _ shape: [Int]) -> OnnxValue {
    precondition(values.count == shape.reduce(1, *), "the values do not fill the shape")
    return initializer(.float32, shape, values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian, Array.init) })
  }

  package func constant(_ value: Float) -> OnnxValue { constant([value], []) }

  package func constant(_ values: [Int]) -> OnnxValue {
    initializer(
      .int64, [values.count], values.flatMap { withUnsafeBytes(of: Int64($0).littleEndian, Array.init) })
  }

  /// The model's bytes.
  package var bytes: [UInt8] {
    var graph = graph
    graph.add(2, name)
    var whole = ProtobufMessage()
    whole.add(1, Self.intermediateVersion)
    whole.add(2, "primatrix")
    var content = graph.bytes
    content += initializers.bytes
    content += ports.bytes
    whole.add(7, content)
    var operators = ProtobufMessage()
    operators.add(2, Self.operatorSet)
    whole.add(8, operators)
    return whole.bytes
  }

  private func fresh() -> String {
    count += 1
    return "v\(count)"
  }

  private func initializer(_ type: ElementType, _ shape: [Int], _ raw: [UInt8]) -> OnnxValue {
    var tensor = ProtobufMessage()
    for size in shape { tensor.add(1, size) }
    tensor.add(2, type.rawValue)
    tensor.add(9, raw)
    if let name = constants[tensor.bytes] { return OnnxValue(graph: self, name: name) }
    let name = fresh()
    constants[tensor.bytes] = name
    tensor.add(8, name)
    initializers.add(5, tensor)
    return OnnxValue(graph: self, name: name)
  }

  private func add(_ type: String, _ inputs: [String], to output: String, _ attributes: [(String, Attribute)]) {
    var node = ProtobufMessage()
    for input in inputs { node.add(1, input) }
    node.add(2, output)
    node.add(3, "\(type)_\(output)")
    node.add(4, type)
    for (name, attribute) in attributes { node.add(5, Self.message(name, attribute)) }
    graph.add(1, node)
  }

  private static func message(_ name: String, _ attribute: Attribute) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.add(1, name)
    switch attribute {
    case .int(let number):
      message.add(3, number)
      message.add(20, 2)
    case .string(let text):
      message.add(4, text)
      message.add(20, 3)
    case .ints(let numbers):
      for number in numbers { message.add(8, number) }
      message.add(20, 7)
    }
    return message
  }

  private static func port(_ name: String, _ type: ElementType, _ shape: [Dimension]) -> ProtobufMessage {
    var dimensions = ProtobufMessage()
    for dimension in shape {
      var message = ProtobufMessage()
      switch dimension {
      case .fixed(let size): message.add(1, size)
      case .free(let name): message.add(2, name)
      }
      dimensions.add(1, message)
    }
    var tensor = ProtobufMessage()
    tensor.add(1, type.rawValue)
    tensor.add(2, dimensions)
    var wrapped = ProtobufMessage()
    wrapped.add(1, tensor)
    var port = ProtobufMessage()
    port.add(1, name)
    port.add(2, wrapped)
    return port
  }
}
