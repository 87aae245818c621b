internal import Foundation
internal import Vocabulary

/// The SHA-256 of a file, read once from start to end. Blocks its thread.
enum FileDigest {
  struct Failure: Error, CustomStringConvertible {
    var path: BytePath
    var code: Int32
    var description: String { "\(path): cannot be read: \(String(cString: strerror(code)))" }
  }

  static func sha256(of path: BytePath) throws(Failure) -> Digest {
    // A FIFO of that name must not hold us up.
    let descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) }
    guard descriptor >= 0 else { throw Failure(path: path, code: errno) }
    defer { close(descriptor) }
    return try sha256(descriptor, path)
  }

  /// The same for an open file, from where it stands; `path` is for the message.
  static func sha256(_ descriptor: Int32, _ path: BytePath) throws(Failure) -> Digest {
    var hasher = Hasher256()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count == 0 { return hasher.finish() }
      if count > 0 {
        buffer.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      } else if errno != EINTR {
        throw Failure(path: path, code: errno)
      }
    }
  }
}
