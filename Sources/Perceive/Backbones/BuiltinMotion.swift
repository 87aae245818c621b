package import Vocabulary

/// The network that needs no download: made here, byte for byte the same on every machine.
package enum BuiltinMotion {
  package static let name = "builtin/motion"
  /// ONNX bytes.
  package static var network: [UInt8] { [] }
}
