internal import CLinux
internal import Durability
internal import Foundation
internal import Vocabulary

/// A daemon started in the background: in a session of its own, so that closing the terminal does not end it.
struct Detached {
  let pid: Int32
  private let log: BytePath
  /// Where the log stood before: what comes after are this daemon's words.
  private let start: UInt64

  init(executable: BytePath, configuration: BytePath, log: BytePath) throws(CommandFailure) {
    self.log = log
    do {
      try Durability.makeDirectory(log.deletingLastComponent)
    } catch {
      throw CommandFailure(.cannotCreate, "\(error)")
    }
    let output = log.withCString { open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640) }
    if output < 0 {
      throw CommandFailure(.cannotCreate, "\(log): cannot be written: \(String(cString: strerror(errno)))")
    }
    defer { close(output) }
    start = UInt64(lseek(output, 0, SEEK_END))
    var pid: pid_t = 0
    let code = executable.withCString { executable in
      configuration.withCString { clinux_spawn_detached(executable, $0, output, &pid) }
    }
    if code != 0 {
      throw CommandFailure(.unavailable, "\(executable): cannot be started: \(String(cString: strerror(code)))")
    }
    self.pid = pid
  }

  /// Nil while it runs. Reaps it.
  func exitCode() -> Int32? {
    var status: Int32 = 0
    guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
    return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
  }

  /// What it wrote since it was started, at most the end of it.
  func lastWords() -> String {
    guard let file = try? FileHandle(forReadingFrom: URL(filePath: log.display)),
      (try? file.seek(toOffset: start)) != nil,
      let data = try? file.readToEnd()
    else { return "see \(log)" }
    return String(decoding: data.suffix(2000), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
