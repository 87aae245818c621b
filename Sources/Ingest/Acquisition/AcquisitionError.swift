internal import Foundation
internal import Vocabulary

/// Why a source could not be fetched: the address, the cause and the next step.
package struct AcquisitionError: Error, CustomStringConvertible {
  /// True when only a person can mend it; false when time may.
  package var isPermanent: Bool
  package var description: String

  package init(isPermanent: Bool, _ description: String) {
    self.isPermanent = isPermanent
    self.description = description
  }

  /// What the disk refused, with its reason.
  init(_ path: BytePath, cannotBe action: String, _ code: Int32) {
    let isFull = code == ENOSPC || code == EDQUOT
    let next =
      isFull
      ? "; make room on the file system at \(FileState.mountPoint(of: path)), the download goes on by itself" : ""
    self.init(
      isPermanent: false, "\(path): cannot be \(action): \(String(cString: strerror(code)))\(next)")
  }
}
