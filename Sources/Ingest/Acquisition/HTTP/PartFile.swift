internal import Foundation
internal import Vocabulary

/// The part on disk. Written by the network's thread and read by the keeper's, never at the same place: only what is
/// written is read, and what was read is not written again.
final class PartFile: Sendable {
  private let path: BytePath
  private let descriptor: Int32

  init(_ path: BytePath) throws {
    self.path = path
    descriptor = path.withCString { open($0, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644) }
    if descriptor < 0 { throw AcquisitionError(path, cannotBe: "opened", errno) }
  }

  deinit { close(descriptor) }

  func size() throws -> Int64 {
    var status = stat()
    if fstat(descriptor, &status) != 0 { throw AcquisitionError(path, cannotBe: "looked at", errno) }
    return Int64(status.st_size)
  }

  func truncate(_ bytes: Int64) throws {
    if ftruncate(descriptor, off_t(bytes)) != 0 { throw AcquisitionError(path, cannotBe: "cut", errno) }
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws {
    var done = 0
    while done < bytes.count {
      let count = pwrite(
        descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, off_t(offset) + off_t(done))
      if count < 0 {
        if errno == EINTR { continue }
        throw AcquisitionError(path, cannotBe: "written", errno)
      }
      done += count
    }
  }

  /// Fills `buffer`; a file that ends before is an error.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws {
    var done = 0
    while done < buffer.count {
      let count = pread(
        descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(offset) + off_t(done))
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { throw AcquisitionError(path, cannotBe: "read", count < 0 ? errno : EIO) }
      done += count
    }
  }

  /// After this the bytes survive a power cut. A failure is never tried again: the kernel may have dropped the pages.
  func sync() throws { if fdatasync(descriptor) != 0 { throw AcquisitionError(path, cannotBe: "made durable", errno) } }
}
