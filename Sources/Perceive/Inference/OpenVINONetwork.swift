internal import COpenVINO
internal import Vocabulary

/// A network that was read and fits its manifest, not compiled yet.
struct OpenVINONetwork: ~Copyable {
  let model: OpenVINOHandle
  /// Frames that go in at once: the clip's, or 1 when the graph leaves their number free.
  let framesAtOnce: Int

  /// - Parameter core: borrowed during the call.
  /// - Throws: `InferenceError` naming the network, what was found and what is wanted.
  init(_ core: OpaquePointer, _ source: NetworkSource, _ backbone: Backbone) throws(InferenceError) {
    let words = Self.words(source, backbone)
    let model = try OpenVINOHandle("read \(words)", freedBy: ov_model_free) { made in
      switch source {
      case .file(let path): path.withCString { ov_core_read_model(core, $0, nil, &made) }
      case .bytes(let bytes):
        bytes.withUnsafeBytes {
          ov_core_read_model_from_memory_buffer(
            core, $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count, nil, &made)
        }
      }
    }
    let framesAtOnce = try Self.check(model.pointer, words, backbone)
    try Self.fix(model.pointer, framesAtOnce, words, backbone)
    self.model = model
    self.framesAtOnce = framesAtOnce
  }

  private static func words(_ source: NetworkSource, _ backbone: Backbone) -> String {
    switch source {
    case .file(let path): "the network \(path) of backbone \(backbone.name)"
    case .bytes: "the network of backbone \(backbone.name)"
    }
  }

  /// Returns how many frames the network takes at once.
  private static func check(_ model: OpaquePointer, _ words: String, _ backbone: Backbone) throws(InferenceError) -> Int
  {
    let (frames, side) = (backbone.sampling.frames, backbone.sampling.side)
    let input = try onlyPort(model, "input", words, ov_model_inputs_size, ov_model_const_input_by_index)
    let output = try onlyPort(model, "output", words, ov_model_outputs_size, ov_model_const_output_by_index)
    var problems: [String] = []
    if input.name != "frames" || input.type != U8 || !input.fits([frames, side, side, 3]) {
      problems.append(
        "its input is \(input), wanted is `frames` uint8 [\(frames) or free, \(side), \(side), 3], RGB")
    }
    if output.name != "features" || output.type != F32 || !output.fits([nil, backbone.width]) {
      problems.append(
        "its output is \(output), wanted is `features` float32 [as many as frames, \(backbone.width)], the sum of the taps' widths"
      )
    }
    guard problems.isEmpty else { throw refusal(words, problems) }
    return (input.shape?.first ?? nil) == nil ? 1 : frames
  }

  private static func refusal(_ words: String, _ problems: [String]) -> InferenceError {
    InferenceError(
      "\(words) is not in the form that Primatrix runs: \(problems.joined(separator: "; ")). "
        + "Correct the manifest's frames_per_clip, side and taps, or export the network again in that form")
  }

  private static func onlyPort(
    _ model: OpaquePointer, _ kind: String, _ words: String,
    _ size: (OpaquePointer?, UnsafeMutablePointer<Int>?) -> ov_status_e,
    _ byIndex: (OpaquePointer?, Int, UnsafeMutablePointer<OpaquePointer?>?) -> ov_status_e
  ) throws(InferenceError) -> NetworkPort {
    var count = 0
    try openVINO("count the \(kind)s of \(words)", size(model, &count))
    guard count == 1 else { throw refusal(words, ["it has \(count) \(kind)s, wanted is one"]) }
    let port = try OpenVINOHandle("find the \(kind) of \(words)", freedBy: ov_output_const_port_free) {
      byIndex(model, 0, &$0)
    }
    return try NetworkPort(port.pointer)
  }

  /// Fixes every dimension, and sees that the features then have theirs.
  private static func fix(
    _ model: OpaquePointer, _ frames: Int, _ words: String, _ backbone: Backbone
  ) throws(InferenceError) {
    let side = Int64(backbone.sampling.side)
    var shape = ov_partial_shape_t()
    try openVINO(
      "describe the frames",
      [Int64(frames), side, side, 3].withUnsafeBufferPointer {
        ov_partial_shape_create_static(4, $0.baseAddress, &shape)
      })
    defer { ov_partial_shape_free(&shape) }
    try openVINO(
      "fit \(words) to \(frames) frames of \(side) by \(side) pixels", ov_model_reshape_single_input(model, shape))
    let output = try onlyPort(model, "output", words, ov_model_outputs_size, ov_model_const_output_by_index)
    guard output.shape == [frames, backbone.width] else {
      throw refusal(
        words, ["for \(frames) frames its output is \(output), wanted is [\(frames), \(backbone.width)]"])
    }
  }
}
