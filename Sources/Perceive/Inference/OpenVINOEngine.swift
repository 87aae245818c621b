internal import COpenVINO
internal import Foundation
package import Vocabulary

/// Runs a network on the CPU with one thread; units of work are what runs in parallel.
package final class OpenVINOEngine: InferenceEngine {
  package let runtime: String
  private let name: String
  private let sampling: Sampling
  private let width: Int
  private let framesAtOnce: Int
  /// Freed in this order at the end; the library keeps alive what each needs.
  private let request: OpenVINOHandle
  private let input: OpenVINOHandle
  private let compiled: OpenVINOHandle
  private let core: OpenVINOCore
  /// A network restored from the cache reads its weights here, so it must outlive the network.
  private let blob: Data?

  /// - Parameter cache: a folder for compiled networks, made when it is not there; nil to compile each time.
  /// - Throws: `InferenceError` when the network cannot be read, compiled, or does not fit its manifest.
  package init(network: NetworkSource, backbone: Backbone, precision: Precision, cache: BytePath?) throws {
    let core = try OpenVINOCore(precision)
    let model = try OpenVINONetwork(core.handle.pointer, network, backbone)
    // OpenVINO takes paths as text only.
    let store = try cache?.string.map {
      try CompiledCache(
        $0, backbone: backbone, precision: precision, framesAtOnce: model.framesAtOnce, identity: try core.identity())
    }
    blob = store?.load()
    let compiled = try Self.compile(core, model, backbone.name, store, blob)
    try OpenVINOCore.check(compiled, precision)
    let request = try OpenVINOHandle("prepare to run \(backbone.name)", freedBy: ov_infer_request_free) {
      ov_compiled_model_create_infer_request(compiled.pointer, &$0)
    }
    input = try OpenVINOHandle("find the input of \(backbone.name)", freedBy: ov_tensor_free) {
      ov_infer_request_get_input_tensor_by_index(request.pointer, 0, &$0)
    }
    runtime = "OpenVINO \(try OpenVINOCore.version())"
    name = backbone.name
    sampling = backbone.sampling
    width = backbone.width
    framesAtOnce = model.framesAtOnce
    self.core = core
    self.compiled = compiled
    self.request = request
  }

  /// Reads a network without compiling it.
  ///
  /// - Returns: how many frames it takes at once.
  /// - Throws: `InferenceError` when it cannot be read or does not fit its manifest.
  package static func inspect(
    _ network: NetworkSource, _ backbone: Backbone, precision: Precision
  ) throws -> Int {
    let core = try OpenVINOCore(precision)
    return try OpenVINONetwork(core.handle.pointer, network, backbone).framesAtOnce
  }

  private static func compile(
    _ core: borrowing OpenVINOCore, _ model: borrowing OpenVINONetwork, _ name: String, _ cache: CompiledCache?,
    _ blob: Data?
  ) throws(InferenceError) -> OpenVINOHandle {
    if let blob {
      do {
        return try core.restore(blob)
      } catch {
        // Whole, but of no use to this library: compiled anew below.
      }
    }
    let compiled = try core.compile(model, name)
    let pointer = compiled.pointer
    cache?.store { path in try openVINO("export \(name)", ov_compiled_model_export_model(pointer, path)) }
    return compiled
  }

  package func features(of frames: UnsafeRawBufferPointer) throws -> [Float] {
    guard frames.count == sampling.byteCount, let start = frames.baseAddress else {
      throw InferenceError(
        "\(name) takes \(sampling.frames) frames of \(sampling.side) by \(sampling.side) RGB pixels, "
          + "\(sampling.byteCount) bytes, and was given \(frames.count)")
    }
    let step = frames.count / sampling.frames * framesAtOnce
    var features: [Float] = []
    features.reserveCapacity(sampling.frames * width)
    for offset in stride(from: 0, to: frames.count, by: step) {
      try run(UnsafeRawBufferPointer(start: start + offset, count: step), appendingTo: &features)
    }
    return features
  }

  private func run(_ frames: UnsafeRawBufferPointer, appendingTo features: inout [Float]) throws(InferenceError) {
    try Self.bytes(of: input.pointer, frames.count).copyMemory(from: frames)
    try openVINO("run \(name)", ov_infer_request_infer(request.pointer))
    let request = request.pointer
    let output = try OpenVINOHandle("find the features of \(name)", freedBy: ov_tensor_free) {
      ov_infer_request_get_output_tensor_by_index(request, 0, &$0)
    }
    let bytes = try Self.bytes(of: output.pointer, framesAtOnce * width * MemoryLayout<Float>.size)
    features += bytes.bindMemory(to: Float.self)
  }

  /// The memory of a tensor that lives on, which must hold `count` bytes.
  private static func bytes(
    of tensor: OpaquePointer, _ count: Int
  ) throws(InferenceError) -> UnsafeMutableRawBufferPointer {
    var size = 0
    try openVINO("tell a tensor's size", ov_tensor_get_byte_size(tensor, &size))
    guard size == count else { throw InferenceError("OpenVINO has a tensor of \(size) bytes where \(count) belong") }
    var data: UnsafeMutableRawPointer?
    try openVINO("give a tensor's memory", ov_tensor_data(tensor, &data))
    return UnsafeMutableRawBufferPointer(start: data, count: count)
  }
}
