/// What one check of the machine found.
package struct Finding: Codable, Equatable, Sendable {
  package enum Verdict: String, Codable, Sendable, CaseIterable {
    case ok
    /// It works, but not well, or not for long.
    case warning
    /// It does not work.
    case failed
  }

  package var subject: String
  package var verdict: Verdict
  package var message: String
  /// What to do.
  package var next: String?

  static func ok(_ subject: String, _ message: String) -> Finding {
    Finding(subject: subject, verdict: .ok, message: message, next: nil)
  }
  static func warning(_ subject: String, _ message: String, next: String) -> Finding {
    Finding(subject: subject, verdict: .warning, message: message, next: next)
  }
  static func failed(_ subject: String, _ message: String, next: String) -> Finding {
    Finding(subject: subject, verdict: .failed, message: message, next: next)
  }
}
