internal import Foundation
package import Vocabulary

/// Holds a directory for this process alone, as long as the value lives. The kernel lets go of it however the process
/// ends, so there is no stale lock; the file stays.
package struct DirectoryLock: ~Copyable {
  private let descriptor: Int32

  package enum Refusal: Error, Equatable, CustomStringConvertible {
    /// Another process holds it; its number, when it has written it.
    case held(BytePath, pid: Int32?)
    case unusable(BytePath, code: Int32)

    package var description: String {
      switch self {
      case .held(let directory, let pid):
        let holder = pid.map { "process \($0)" } ?? "another process"
        return "\(directory): in use by \(holder); one daemon at a time works on a state directory"
      case .unusable(let directory, let code):
        return "\(directory): cannot be locked: \(String(cString: strerror(code)))"
      }
    }
  }

  /// Takes `directory/lock` by flock(2) and writes the process number into it.
  package init(_ directory: BytePath) throws(Refusal) {
    let path = directory.appending("lock")
    descriptor = path.withCString { open($0, O_RDWR | O_CREAT | O_CLOEXEC, 0o644) }
    if descriptor < 0 { throw .unusable(directory, code: errno) }
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      let holder = Self.holder(descriptor)
      close(descriptor)
      throw code == EWOULDBLOCK ? .held(directory, pid: holder) : .unusable(directory, code: code)
    }
    let text = Array("\(getpid())\n".utf8)
    if ftruncate(descriptor, 0) != 0 || pwrite(descriptor, text, text.count, 0) != text.count {
      let code = errno
      close(descriptor)
      throw .unusable(directory, code: code)
    }
  }

  deinit { close(descriptor) }

  private static func holder(_ descriptor: Int32) -> Int32? {
    var buffer = [UInt8](repeating: 0, count: 16)
    let count = pread(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { return nil }
    return Int32(String(decoding: buffer.prefix(count), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines))
  }
}
