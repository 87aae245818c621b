internal import Foundation
internal import Vocabulary

/// The part on disk, hashed as it grows. Opening it changes nothing: what an earlier attempt fetched stays until a server
/// has answered.
struct PartFile: ~Copyable {
  private let path: BytePath
  private let descriptor: Int32
  private var hasher = Hasher256()
  private(set) var bytes: Int64 = 0

  init(_ path: BytePath) throws {
    self.path = path
    descriptor = path.withCString { open($0, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644) }
    if descriptor < 0 { throw Self.failure(path, errno) }
  }

  deinit { close(descriptor) }

  /// Keeps the first `wanted` bytes, which are hashed again, and forgets what is behind them. False when the file has
  /// fewer: a missing part must never be made up for by the zeros of a longer file.
  mutating func keep(_ wanted: Int64) throws -> Bool {
    var status = stat()
    if fstat(descriptor, &status) != 0 { throw Self.failure(path, errno) }
    if Int64(status.st_size) < wanted { return false }
    if ftruncate(descriptor, off_t(wanted)) != 0 || lseek(descriptor, 0, SEEK_SET) != 0 {
      throw Self.failure(path, errno)
    }
    hasher = Hasher256()
    bytes = 0
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while bytes < wanted {
      let count = read(descriptor, &buffer, min(buffer.count, Int(wanted - bytes)))
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { throw Self.failure(path, count < 0 ? errno : EIO) }
      buffer.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
      bytes += Int64(count)
    }
    return true
  }

  mutating func append(_ part: UnsafeRawBufferPointer) throws {
    var done = 0
    while done < part.count {
      let count = write(descriptor, part.baseAddress?.advanced(by: done), part.count - done)
      if count < 0 {
        if errno == EINTR { continue }
        throw Self.failure(path, errno)
      }
      done += count
    }
    hasher.update(part)
    bytes += Int64(part.count)
  }

  /// After this the bytes survive a power cut.
  func sync() throws { if fsync(descriptor) != 0 { throw Self.failure(path, errno) } }

  /// Call once, at the end.
  mutating func digest() -> Digest { hasher.finish() }

  private static func failure(_ path: BytePath, _ code: Int32) -> AcquisitionError {
    let next = code == ENOSPC || code == EDQUOT ? "; make room on this file system, the download goes on by itself" : ""
    return AcquisitionError(isPermanent: false, "\(path): cannot be written: \(String(cString: strerror(code)))\(next)")
  }
}
