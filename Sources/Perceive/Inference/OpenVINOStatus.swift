internal import COpenVINO

/// OpenVINO's status codes become errors here and nowhere else.
///
/// - Parameter task: what was asked of it, as in `read the network x.onnx`.
func openVINO(_ task: @autoclosure () -> String, _ status: ov_status_e) throws(InferenceError) {
  guard status != OK else { return }
  let name = ov_get_error_info(status).map { String(cString: $0) } ?? "unknown status"
  let last = ov_get_last_err_msg().map { pointer in
    defer { ov_free(pointer) }
    return String(cString: pointer)
  }
  let words = last.map { ": " + oneLine($0) } ?? ""
  throw InferenceError("OpenVINO could not \(task()) (\(name), status \(status.rawValue))\(words)")
}

/// The library's messages span lines and hold its source files' names.
private func oneLine(_ message: String) -> String {
  message.split { $0 == "\n" || $0 == "\r" }.joined(separator: " ").prefix(600).description
}

extension ov_element_type_e {
  /// As people write it.
  var words: String {
    switch self {
    case DYNAMIC: "any type"
    case U8: "uint8"
    case F16: "float16"
    case BF16: "bfloat16"
    case F32: "float32"
    case I32: "int32"
    case I64: "int64"
    default: "OpenVINO type \(rawValue)"
    }
  }
}
