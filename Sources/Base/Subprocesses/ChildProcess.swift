internal import CLinux
internal import Foundation
package import Vocabulary

/// A running child with exactly the descriptors it was given, held by its pidfd.
///
/// The child is killed when the thread that started it ends, so start it on a thread that outlives it: a dead daemon
/// leaves no worker behind, and no worker ever writes beside its successor. Whoever holds the value must call `wait`
/// once, on any thread that may block.
package struct ChildProcess: ~Copyable {
  package let pid: Int32
  private let pidfd: Int32

  /// One descriptor of the child: `from` here becomes `to` there. Both stay open here.
  package struct Passed {
    package var from: Int32
    package var to: Int32

    package init(from: Int32, to: Int32) {
      self.from = from
      self.to = to
    }
  }

  /// - Throws: `SpawnError` with errno, also when the executable does not exist or may not be run.
  package init(
    executable: BytePath, arguments: [String], environment: [String: String], descriptors: [Passed],
    directory: BytePath? = nil
  ) throws(SpawnError) {
    let passed = descriptors.map { clinux_descriptor(from: $0.from, to: $0.to) }
    let variables = environment.sorted { $0.key < $1.key }.map { Array("\($0.key)=\($0.value)".utf8CString) }
    let words = [executable.bytes.map { CChar(bitPattern: $0) } + [0]] + arguments.map { Array($0.utf8CString) }
    var pid: pid_t = 0
    var pidfd: Int32 = -1
    let code = withCStrings(words) { arguments in
      withCStrings(variables) { variables in
        executable.withCString { path in
          guard let directory else {
            return clinux_spawn(path, arguments, variables, passed, Int32(passed.count), nil, &pid, &pidfd)
          }
          return directory.withCString {
            clinux_spawn(path, arguments, variables, passed, Int32(passed.count), $0, &pid, &pidfd)
          }
        }
      }
    }
    guard code == 0 else { throw SpawnError(executable: executable, code: code) }
    self.pid = pid
    self.pidfd = pidfd
  }

  deinit { close(pidfd) }

  /// A handle that can signal this very process from any thread, even after `wait`.
  package var signaller: Signaller { Signaller(duplicating: pidfd) }

  /// Blocks until the child has ended, and reaps it.
  package consuming func wait() -> ChildEnd {
    var code: Int32 = 0
    let error = clinux_wait(pidfd, &code)
    precondition(error == 0, "waiting for our own child cannot fail: errno \(error)")
    return code >= 0 ? .exited(code) : .signalled(-code)
  }

  /// Sends signals to one process and never to another that got its number.
  package final class Signaller: Sendable {
    private let pidfd: Int32

    init(duplicating descriptor: Int32) { pidfd = fcntl(descriptor, F_DUPFD_CLOEXEC, 3) }
    deinit { close(pidfd) }

    /// A process that has ended already is no error.
    package func send(_ signal: Int32) { _ = clinux_kill(pidfd, signal) }
  }
}

package enum ChildEnd: Equatable, Sendable, CustomStringConvertible {
  case exited(Int32)
  case signalled(Int32)

  package var description: String {
    switch self {
    case .exited(let code): "exit status \(code)"
    case .signalled(let signal): "signal \(signal) (\(String(cString: strsignal(signal))))"
    }
  }
}

package struct SpawnError: Error, CustomStringConvertible {
  package var executable: BytePath
  /// errno of fork, exec or what stands between them.
  package var code: Int32

  package var description: String { "\(executable): cannot be started: \(String(cString: strerror(code)))" }
}

/// Calls `body` with a NULL-terminated array of the C strings, valid during the call only.
private func withCStrings<Result>(
  _ strings: [[CChar]], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var copies: [UnsafeMutablePointer<CChar>?] = strings.map { string in
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: string.count)
    copy.initialize(from: string, count: string.count)
    return copy
  }
  defer { for copy in copies { copy?.deallocate() } }
  copies.append(nil)
  return copies.withUnsafeBufferPointer { buffer in
    guard let start = buffer.baseAddress else { preconditionFailure("the array ends with NULL") }
    return body(start)
  }
}
