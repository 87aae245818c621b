/// How `primatrixctl` ends, by sysexits(3).
package enum ExitStatus: Int32, Sendable, CaseIterable {
  case ok = 0
  /// The command line is wrong.
  case usage = 64
  /// A file's content is wrong.
  case data = 65
  /// A file is not there.
  case noInput = 66
  /// The daemon does not run, or there is nothing to show yet.
  case unavailable = 69
  /// A defect.
  case software = 70
  /// A file cannot be written.
  case cannotCreate = 73
  /// Later may do.
  case temporary = 75
  case notPermitted = 77
  /// The configuration is wrong.
  case configuration = 78
}

/// Why a command did not do what it was asked: the thing, the cause and the next step.
package struct CommandFailure: Error, Equatable {
  package var status: ExitStatus
  package var message: String

  init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }
}
