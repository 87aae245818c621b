package import Vocabulary

package final class OpenVINOEngine: InferenceEngine {
  /// - Throws: `InferenceError` when the network cannot be read, compiled, or does not fit its manifest.
  package init(network: NetworkSource, backbone: Backbone, precision: Precision, cache: BytePath?) throws {}

  package func features(of frames: UnsafeRawBufferPointer) throws -> [Float] { throw InferenceError("stub") }
}
