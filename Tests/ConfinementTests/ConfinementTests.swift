import Foundation
import TestSupport
import Testing

@Suite struct ConfinementTests {
  enum End: Equatable, CustomStringConvertible {
    case worked
    case failed(Int32)
    case killed(Int32)

    var description: String {
      switch self {
      case .worked: "worked"
      case .failed(let code): "failed: \(String(cString: strerror(code)))"
      case .killed(let signal): "killed: \(String(cString: strsignal(signal)))"
      }
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var attempt: String
    /// Below the scratch directory: `in/` is what the unpacker reads from, `out/` is where it writes.
    var path = "in/archive"
    var decoder: End
    var unpacker: End

    var testDescription: String { "\(attempt) \(path)" }
  }

  static let cases = [
    Case(attempt: "nothing", decoder: .worked, unpacker: .worked),
    Case(attempt: "read", decoder: .failed(EACCES), unpacker: .worked),
    Case(attempt: "read", path: "in/other", decoder: .failed(EACCES), unpacker: .failed(EACCES)),
    Case(attempt: "list", path: "in", decoder: .failed(EACCES), unpacker: .failed(EACCES)),
    Case(attempt: "create", path: "out/new", decoder: .failed(EACCES), unpacker: .worked),
    Case(attempt: "make directory", path: "out/new", decoder: .killed(SIGSYS), unpacker: .worked),
    Case(attempt: "create", path: "in/new", decoder: .failed(EACCES), unpacker: .failed(EACCES)),
    Case(attempt: "create", path: "out/../new", decoder: .failed(EACCES), unpacker: .failed(EACCES)),
    Case(attempt: "move to a folder", path: "out/new", decoder: .killed(SIGSYS), unpacker: .worked),
    Case(attempt: "move out", path: "out/new", decoder: .failed(EACCES), unpacker: .failed(EACCES)),
    Case(attempt: "change mode", path: "in/other", decoder: .killed(SIGSYS), unpacker: .killed(SIGSYS)),
    Case(attempt: "link", path: "out/link", decoder: .killed(SIGSYS), unpacker: .killed(SIGSYS)),
    Case(attempt: "socket", decoder: .killed(SIGSYS), unpacker: .killed(SIGSYS)),
    Case(attempt: "unix socket", decoder: .killed(SIGSYS), unpacker: .killed(SIGSYS)),
    Case(attempt: "run", decoder: .killed(SIGSYS), unpacker: .killed(SIGSYS)),
    Case(attempt: "thread", decoder: .killed(SIGSYS), unpacker: .killed(SIGSYS)),
    Case(attempt: "executable memory", decoder: .failed(EACCES), unpacker: .failed(EACCES)),
    Case(attempt: "memory made executable", decoder: .failed(EACCES), unpacker: .failed(EACCES)),
    Case(attempt: "much memory", decoder: .failed(ENOMEM), unpacker: .failed(ENOMEM)),
    Case(attempt: "signal another", decoder: .killed(SIGSYS), unpacker: .killed(SIGSYS)),
    Case(attempt: "write", decoder: .killed(SIGSYS), unpacker: .worked),
  ]

  /// Each attempt works without confinement, so that what fails below fails because of it.
  @Test(arguments: cases) func whatIsTakenAwayIsGone(_ attempt: Case) throws {
    #expect(try run("none", attempt) == .worked)
    #expect(try run("decoder", attempt) == attempt.decoder)
    #expect(try run("unpacker", attempt) == attempt.unpacker)
  }

  /// And not by SIGKILL, which says that somebody else ended it.
  @Test func processorTimeEnds() throws {
    let spin = Case(attempt: "spin", decoder: .killed(SIGXCPU), unpacker: .killed(SIGXCPU))
    #expect(try run("unpacker", spin) == spin.unpacker)
  }

  private func run(_ profile: String, _ attempt: Case) throws -> End {
    try Scratch.with { scratch in
      for name in ["in", "out"] {
        try FileManager.default.createDirectory(at: scratch.appending(path: name), withIntermediateDirectories: true)
      }
      for name in ["in/archive", "in/other"] { try Data("x".utf8).write(to: scratch.appending(path: name)) }
      let process = Process()
      process.executableURL = Checkout.products.appending(path: "ConfinementProbe")
      process.arguments = [profile, attempt.attempt, "\(scratch.path)/\(attempt.path)"]
      if profile == "unpacker" { process.arguments? += ["\(scratch.path)/in/archive", "\(scratch.path)/out"] }
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      process.waitUntilExit()
      let status = process.terminationStatus
      return process.terminationReason == .uncaughtSignal ? .killed(status) : status == 0 ? .worked : .failed(status)
    }
  }
}
