internal import Foundation
internal import Settings
internal import Vocabulary

struct LogsCommand {
  private let command: ParsedCommand
  private static let lines = "100"

  init(_ command: ParsedCommand) { self.command = command }

  /// Becomes the program that shows them: paging, following and Ctrl-C are its.
  func run() throws(CommandFailure) {
    let place = Place(command)
    let isFollowing = command.has("follow")
    if SystemdService(place) != nil {
      try become(
        "/usr/bin/journalctl",
        ["--unit", "primatrixd", "--lines", Self.lines] + (isFollowing ? ["--follow"] : ["--no-pager"])
          + (command.has("json") ? ["--output", "json"] : []))
    }
    if command.has("json") {
      throw CommandFailure(.unavailable, "without the service there is no journal with fields, only a log of lines")
    }
    let log = try place.settings().stateDirectory.appending("primatrixd.log")
    guard FileManager.default.isReadableFile(atPath: log.display) else {
      throw CommandFailure(.noInput, "\(log) is not there or not readable; `primatrixctl start` begins it")
    }
    try become("/usr/bin/tail", ["-n", Self.lines] + (isFollowing ? ["-F"] : []) + ["--", log.display])
  }

  private func become(_ program: String, _ arguments: [String]) throws(CommandFailure) -> Never {
    var pointers = ([program] + arguments).map { strdup($0) } + [nil]
    execv(program, &pointers)
    throw CommandFailure(.unavailable, "\(program) cannot be started: \(String(cString: strerror(errno)))")
  }
}
