internal import CArchive  // Its module map claims the C library's timespec.
internal import Foundation
internal import Vocabulary
internal import WorkUnits

/// A member's file while it is written. It is created and never opened: nothing that is there is followed or replaced.
struct MemberFile: ~Copyable {
  let path: BytePath
  private let descriptor: Int32

  enum Refusal: Error {
    case taken
    /// A part of the path is a file.
    case blocked
    /// The file system has no such names.
    case unnameable(String)
    case failed(WorkError)
  }

  init(_ path: BytePath, root: BytePath) throws(Refusal) {
    try Self.makeFolders(path.deletingLastComponent, root: root)
    let opened = path.withCString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644) }
    if opened < 0 { throw Self.refusal(path, errno) }
    self.path = path
    descriptor = opened
  }

  deinit { close(descriptor) }

  func write(_ bytes: UnsafeRawBufferPointer) throws {
    var done = 0
    while done < bytes.count {
      let count = Foundation.write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
      if count < 0 {
        if errno == EINTR { continue }
        throw Self.failure(path, errno)
      }
      done += count
    }
  }

  /// Nanoseconds since 1970.
  func setModified(_ time: Int64) {
    let (seconds, rest) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
    // Before 1970 the nanoseconds still count forward.
    let moment = timespec(
      tv_sec: Int(rest < 0 ? seconds - 1 : seconds), tv_nsec: Int(rest < 0 ? rest + 1_000_000_000 : rest))
    var times = [moment, moment]
    futimens(descriptor, &times)
  }

  func remove() { _ = path.withCString { unlink($0) } }

  private static func makeFolders(_ folder: BytePath, root: BytePath) throws(Refusal) {
    if folder.bytes.count <= root.bytes.count { return }
    if folder.withCString({ mkdir($0, 0o755) }) == 0 || errno == EEXIST { return }
    if errno != ENOENT { throw refusal(folder, errno) }
    try makeFolders(folder.deletingLastComponent, root: root)
    if folder.withCString({ mkdir($0, 0o755) }) != 0 && errno != EEXIST { throw refusal(folder, errno) }
  }

  private static func refusal(_ path: BytePath, _ code: Int32) -> Refusal {
    switch code {
    case EEXIST, EISDIR: .taken
    case ENOTDIR: .blocked
    case ENAMETOOLONG, EILSEQ, EINVAL: .unnameable(String(cString: strerror(code)))
    default: .failed(failure(path, code))
    }
  }

  private static func failure(_ path: BytePath, _ code: Int32) -> WorkError {
    let next = code == ENOSPC || code == EDQUOT ? "; make room on this file system" : ""
    return WorkError(.environment, "\(path): cannot be written: \(String(cString: strerror(code)))\(next)")
  }
}
