internal import COpenVINO
internal import Foundation
internal import Vocabulary

/// OpenVINO's core, set up for one unit of work among others: one stream, one thread, any core.
struct OpenVINOCore: ~Copyable {
  static let device = "CPU"
  /// Keys are written out: the header's variables for them are mutable, which Swift does not let past.
  private static let precisionKey = "INFERENCE_PRECISION_HINT"
  let handle: OpenVINOHandle

  init(_ precision: Precision) throws(InferenceError) {
    let handle = try OpenVINOHandle("start", freedBy: ov_core_free) { ov_core_create(&$0) }
    // Pinned threads of several workers would all sit on the first core.
    try Self.set(handle.pointer, "NUM_STREAMS", "1")
    try Self.set(handle.pointer, "INFERENCE_NUM_THREADS", "1")
    try Self.set(handle.pointer, "ENABLE_CPU_PINNING", "NO")
    try Self.set(handle.pointer, Self.precisionKey, Self.name(precision))
    self.handle = handle
  }

  private static func set(_ core: OpaquePointer, _ key: String, _ value: String) throws(InferenceError) {
    let status = key.withCString { key in
      value.withCString { value in
        var property = ov_property_t(key: key, value: value)
        return ov_core_set_properties(core, device, 1, &property)
      }
    }
    try openVINO("set \(key) to \(value)", status)
  }

  func compile(_ network: borrowing OpenVINONetwork, _ name: String) throws(InferenceError) -> OpenVINOHandle {
    let model = network.model.pointer
    return try OpenVINOHandle("compile the network of backbone \(name)", freedBy: ov_compiled_model_free) {
      ov_core_compile_model_props(handle.pointer, model, Self.device, 0, nil, &$0)
    }
  }

  func restore(_ blob: Data) throws(InferenceError) -> OpenVINOHandle {
    try OpenVINOHandle("restore a compiled network", freedBy: ov_compiled_model_free) { made in
      blob.withUnsafeBytes {
        ov_core_import_model(
          handle.pointer, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, Self.device, &made)
      }
    }
  }

  /// What compiled networks depend on besides their graph: the library and the processor.
  func identity() throws(InferenceError) -> [String] {
    [try Self.version(), try property("FULL_DEVICE_NAME"), try property("OPTIMIZATION_CAPABILITIES")]
  }

  /// As in `2025.3.0-19807-44526285f24-releases/2025/3`.
  static func version() throws(InferenceError) -> String {
    var version = ov_version_t()
    try openVINO("tell its version", ov_get_openvino_version(&version))
    defer { ov_version_free(&version) }
    return version.buildNumber.map { String(cString: $0) } ?? ""
  }

  private func property(_ key: String) throws(InferenceError) -> String {
    var text: UnsafeMutablePointer<CChar>?
    try openVINO("tell \(key)", ov_core_get_property(handle.pointer, Self.device, key, &text))
    defer { if let text { ov_free(text) } }
    return text.map { String(cString: $0) } ?? ""
  }

  /// Sees that a compiled network computes as asked: a processor without bfloat16 silently uses float32.
  static func check(_ compiled: borrowing OpenVINOHandle, _ precision: Precision) throws(InferenceError) {
    var text: UnsafeMutablePointer<CChar>?
    try openVINO(
      "tell its precision",
      ov_compiled_model_get_property(compiled.pointer, precisionKey, &text))
    defer { if let text { ov_free(text) } }
    let found = text.map { String(cString: $0) } ?? ""
    guard found != name(precision) else { return }
    throw InferenceError(
      "this processor computes in \(found) where \(precision.rawValue) is asked for; "
        + "set features.precision to \"auto\" or \"float32\"")
  }

  private static func name(_ precision: Precision) -> String {
    switch precision {
    case .float32: "f32"
    case .bfloat16: "bf16"
    }
  }
}
