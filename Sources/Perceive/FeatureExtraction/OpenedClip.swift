internal import Foundation
internal import Vocabulary

/// A clip's file, opened for reading and found to hold what the catalog says: features are filed under the digest, so they
/// must be of those bytes.
struct OpenedClip: ~Copyable {
  let descriptor: Int32

  /// Why a file is not its clip (any more). Says nothing of the clip.
  struct Gone: Error {
    var reason: String
  }

  init(_ file: ClipFile) throws(Gone) {
    // Without waiting: a FIFO would, for ever.
    let flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY
    let opened = file.path.withCString { open($0, flags) }
    guard opened >= 0 else { throw Gone(reason: "it cannot be opened: \(String(cString: strerror(errno)))") }
    do throws(Gone) {
      try Self.verify(opened, file)
    } catch {
      close(opened)
      throw error
    }
    descriptor = opened
  }

  deinit { close(descriptor) }

  private static func verify(_ descriptor: Int32, _ file: ClipFile) throws(Gone) {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Gone(reason: "it is no regular file any more")
    }
    guard Int64(status.st_size) == file.bytes, try digest(descriptor) == file.clip.digest else {
      throw Gone(reason: "its content has changed since it was taken in; it will be looked at again")
    }
  }

  private static func digest(_ descriptor: Int32) throws(Gone) -> Digest {
    var hasher = Hasher256()
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var offset = 0
    while true {
      let count = pread(descriptor, &buffer, buffer.count, offset)
      if count == 0 { return hasher.finish() }
      if count < 0 {
        if errno == EINTR { continue }
        throw Gone(reason: "it cannot be read: \(String(cString: strerror(errno)))")
      }
      buffer.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      offset += count
    }
  }
}
