internal import Foundation
internal import Vocabulary

/// The part on disk, hashed as it grows.
struct PartFile: ~Copyable {
  private let path: BytePath
  private let descriptor: Int32
  private var hasher = Hasher256()
  private(set) var bytes: Int64 = 0

  /// Opens the part and keeps its first `keeping` bytes, which are hashed again.
  init(_ path: BytePath, keeping: Int64) throws {
    self.path = path
    descriptor = path.withCString { open($0, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644) }
    if descriptor < 0 { throw Self.failure(path, errno) }
    try keep(keeping)
  }

  deinit { close(descriptor) }

  /// Forgets what is there: another file is coming.
  mutating func restart() throws {
    hasher = Hasher256()
    bytes = 0
    try keep(0)
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

  private mutating func keep(_ wanted: Int64) throws {
    if ftruncate(descriptor, off_t(wanted)) != 0 || lseek(descriptor, 0, SEEK_SET) != 0 {
      throw Self.failure(path, errno)
    }
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while bytes < wanted {
      let count = read(descriptor, &buffer, min(buffer.count, Int(wanted - bytes)))
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { throw Self.failure(path, count < 0 ? errno : EIO) }
      buffer.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
      bytes += Int64(count)
    }
  }

  private static func failure(_ path: BytePath, _ code: Int32) -> AcquisitionError {
    let next = code == ENOSPC || code == EDQUOT ? "; make room on this file system, the download goes on by itself" : ""
    return AcquisitionError(isPermanent: false, "\(path): cannot be written: \(String(cString: strerror(code)))\(next)")
  }
}
