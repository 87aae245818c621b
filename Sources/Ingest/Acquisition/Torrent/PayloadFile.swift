internal import Foundation
internal import Vocabulary

/// A file of the payload, opened by our own calls: never through a link, never left to a child.
struct PayloadFile: ~Copyable {
  private let path: BytePath
  private let descriptor: Int32

  init(_ path: BytePath) throws {
    self.path = path
    descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) }
    if descriptor < 0 { throw Self.failure(path, "opened", errno) }
  }

  deinit { close(descriptor) }

  /// Reads into the whole buffer; false when the file ends before.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Bool {
    var done = 0
    while done < buffer.count {
      let count = pread(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(offset) + done)
      if count < 0 {
        if errno == EINTR { continue }
        throw Self.failure(path, "read", errno)
      }
      if count == 0 { return false }
      done += count
    }
    return true
  }

  var size: Int64 {
    get throws {
      var status = stat()
      if fstat(descriptor, &status) != 0 { throw Self.failure(path, "looked at", errno) }
      return Int64(status.st_size)
    }
  }

  /// After this the bytes survive a power cut.
  func sync() throws { if fsync(descriptor) != 0 { throw Self.failure(path, "made durable", errno) } }

  static func exists(_ path: BytePath) -> Bool {
    var status = stat()
    return path.withCString { lstat($0, &status) } == 0
  }

  private static func failure(_ path: BytePath, _ action: String, _ code: Int32) -> AcquisitionError {
    AcquisitionError(path, cannotBe: action, code)
  }
}
