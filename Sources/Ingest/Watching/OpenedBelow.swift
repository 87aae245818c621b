internal import CLinux
package import Foundation
package import Vocabulary

/// A file below a watched folder, opened without following any symbolic link on the way; closed with the value.
package struct OpenedBelow: ~Copyable {
  package let descriptor: Int32

  /// - Parameters:
  ///   - path: relative to `root`, empty for the root itself; `root` may be a link.
  ///   - flags: those of open(2); close-on-exec is added.
  package init(root: BytePath, path: BytePath, flags: Int32) throws(SystemCode) {
    var descriptor: Int32 = -1
    let code = root.withCString { root in path.withCString { clinux_open_below(root, $0, flags, &descriptor) } }
    if code != 0 { throw SystemCode(number: code) }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// What is known of the open file.
  package func status() throws(SystemCode) -> stat { try Self.status(descriptor) }

  /// What is known of a path, which needs no permission to read it.
  package static func status(root: BytePath, path: BytePath) throws(SystemCode) -> stat {
    var descriptor: Int32 = -1
    let code = root.withCString { root in path.withCString { clinux_find_below(root, $0, &descriptor) } }
    if code != 0 { throw SystemCode(number: code) }
    defer { close(descriptor) }
    return try status(descriptor)
  }

  private static func status(_ descriptor: Int32) throws(SystemCode) -> stat {
    var status = stat()
    if fstat(descriptor, &status) != 0 { throw SystemCode(number: errno) }
    return status
  }

  /// True or false where the kernel knows whether any process can still write to the file; nil where it does not say.
  func hasWriter() -> Bool? {
    let answer = clinux_has_writer(descriptor)
    return answer < 0 ? nil : answer > 0
  }
}

/// An errno.
package struct SystemCode: Error, Equatable, CustomStringConvertible {
  package var number: Int32

  /// There is nothing at that path, or something that is no longer what it was.
  package var isAbsence: Bool { [ENOENT, ENOTDIR, ELOOP].contains(number) }

  package var description: String { String(cString: strerror(number)) }
}
