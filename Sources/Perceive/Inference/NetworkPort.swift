internal import COpenVINO

/// An input or output of a network: its name, type and shape.
struct NetworkPort: CustomStringConvertible {
  let name: String
  let type: ov_element_type_e
  /// Nil for a dimension that is free; the whole is nil when not even their number is fixed.
  let shape: [Int?]?

  /// Describes a port that the caller goes on owning.
  init(_ port: OpaquePointer) throws(InferenceError) {
    var text: UnsafeMutablePointer<CChar>?
    // A port without a name is no failure, it is only not the one that is wanted.
    name = ov_port_get_any_name(port, &text) == OK ? text.map { String(cString: $0) } ?? "" : ""
    if let text { ov_free(text) }
    var type = DYNAMIC
    try openVINO("tell a port's type", ov_port_get_element_type(port, &type))
    self.type = type
    var partial = ov_partial_shape_t()
    try openVINO("tell a port's shape", ov_port_get_partial_shape(port, &partial))
    defer { ov_partial_shape_free(&partial) }
    if partial.rank.min == partial.rank.max, partial.rank.min >= 0 {
      shape = UnsafeBufferPointer(start: partial.dims, count: Int(partial.rank.min)).map {
        $0.min == $0.max ? Int($0.min) : nil
      }
    } else {
      shape = nil
    }
  }

  /// Whether every dimension that is fixed on both sides agrees.
  func fits(_ wanted: [Int?]) -> Bool {
    guard let shape else { return true }
    return shape.count == wanted.count && zip(shape, wanted).allSatisfy { $0 == nil || $1 == nil || $0 == $1 }
  }

  /// ``input` float32 [?, 3, ?, ?]``
  var description: String { "`\(name)` \(type.words) \(Self.words(shape))" }

  static func words(_ shape: [Int?]?) -> String {
    guard let shape else { return "[...]" }
    return "[\(shape.map { $0.map(String.init) ?? "?" }.joined(separator: ", "))]"
  }
}
