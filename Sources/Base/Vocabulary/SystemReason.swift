internal import Foundation

extension Error {
  /// Why, in the system's words ("No such file or directory") where Foundation has wrapped them in its own.
  package var systemReason: String {
    guard let cause = (self as NSError).userInfo[NSUnderlyingErrorKey] as? POSIXError else {
      return localizedDescription
    }
    return String(cString: strerror(cause.code.rawValue))
  }
}
