internal import Foundation
internal import Subprocesses
internal import Vocabulary

/// What another program says, where it says little.
struct Captured {
  /// Nil for one that a signal ended.
  let code: Int32?
  /// Standard output and errors, without blanks at the ends.
  let text: String

  /// Runs it with this program's environment. Nil when it cannot be started.
  init?(_ program: BytePath, _ arguments: [String]) {
    let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
    defer { close(null) }
    let pipe = Pipe()
    let writing = pipe.fileHandleForWriting
    guard
      let child = try? ChildProcess(
        executable: program, arguments: arguments, environment: ProcessInfo.processInfo.environment,
        descriptors: [
          .init(from: null, to: 0), .init(from: writing.fileDescriptor, to: 1),
          .init(from: writing.fileDescriptor, to: 2),
        ])
    else { return nil }
    // With this end open too there would be no end to read to.
    try? writing.close()
    let data = (try? pipe.fileHandleForReading.readToEnd()) ?? Data()
    if case .exited(let code) = child.wait() { self.code = code } else { code = nil }
    text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
