internal import Foundation
package import Vocabulary

/// The disk did not do what a durable write needs. Nothing was published; the old content, if any, is untouched.
package struct DurabilityError: Error, CustomStringConvertible {
  /// What was tried: `written`, `made durable`, `published` ...
  package var action: String
  package var path: BytePath
  package var code: Int32

  init(_ action: String, _ path: BytePath, _ code: Int32 = errno) {
    self.action = action
    self.path = path
    self.code = code
  }

  package var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }

  package var description: String {
    let cause = "\(path): cannot be \(action): \(String(cString: strerror(code)))"
    switch code {
    case ENOSPC, EDQUOT: return cause + "; make room on this file system, the work goes on by itself"
    case EACCES, EPERM, EROFS: return cause + "; the daemon's user must be able to write here"
    default: return cause
    }
  }
}
