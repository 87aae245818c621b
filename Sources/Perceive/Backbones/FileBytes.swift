internal import Foundation
internal import Vocabulary

/// Reads files under their exact names.
enum FileBytes {
  struct Failure: Error, CustomStringConvertible {
    var path: BytePath
    /// errno.
    var code: Int32
    var description: String { "\(path): cannot be read: \(String(cString: strerror(code)))" }
  }

  /// The whole file, which is refused with EFBIG when it is larger than `limit` bytes.
  static func all(of path: BytePath, limit: Int) throws(Failure) -> [UInt8] {
    var content: [UInt8] = []
    try read(path) { part throws(Failure) in
      content += part
      if content.count > limit { throw Failure(path: path, code: EFBIG) }
    }
    return content
  }

  static func digest(of path: BytePath) throws(Failure) -> Digest {
    var hasher = Hasher256()
    try read(path) { part throws(Failure) in hasher.update(part) }
    return hasher.finish()
  }

  private static func read(
    _ path: BytePath, _ each: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    // A FIFO of that name must not hold us up.
    let descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard descriptor >= 0 else { throw Failure(path: path, code: errno) }
    defer { close(descriptor) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      let count = Foundation.read(descriptor, buffer.baseAddress, buffer.count)
      if count == 0 { return }
      if count > 0 {
        try each(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      } else if errno != EINTR {
        throw Failure(path: path, code: errno)
      }
    }
  }
}
