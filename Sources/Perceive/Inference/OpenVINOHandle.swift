internal import COpenVINO

/// Owns one object of OpenVINO and frees it at the end of its life. Pointers borrowed from it live no longer.
struct OpenVINOHandle: ~Copyable {
  let pointer: OpaquePointer
  private let free: (OpaquePointer) -> Void

  /// - Parameter make: fills in the object and returns OpenVINO's status.
  init(
    _ task: @autoclosure () -> String, freedBy free: @escaping (OpaquePointer) -> Void,
    _ make: (inout OpaquePointer?) -> ov_status_e
  ) throws(InferenceError) {
    var made: OpaquePointer?
    try openVINO(task(), make(&made))
    guard let made else { throw InferenceError("OpenVINO could not \(task()): it returned nothing") }
    pointer = made
    self.free = free
  }

  deinit { free(pointer) }
}
