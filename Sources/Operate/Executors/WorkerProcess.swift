internal import CLinux
internal import Foundation
internal import Subprocesses
internal import Vocabulary
internal import WorkUnits

/// One run of `primatrix-worker`: its progress lines while it runs, its last words when it fails. Blocks its thread.
struct WorkerProcess {
  var executable: BytePath
  var arguments: [String]
  var environment: [String: String]

  struct End {
    var status: ChildEnd
    /// The end of standard error, at most `errorLimit` bytes.
    var errors: String
  }

  private static let errorLimit = 4096
  private static let lineLimit = 64 << 10

  func run(stop: Stop, progress: ProgressReport) throws -> End {
    let (output, outputEnd) = try Self.pipe()
    let (errors, errorsEnd) = try Self.pipe()
    defer {
      close(output)
      close(errors)
    }
    let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
    let child: ChildProcess
    do {
      defer { for descriptor in [null, outputEnd, errorsEnd] { close(descriptor) } }
      child = try ChildProcess(
        executable: executable, arguments: arguments, environment: environment,
        descriptors: [.init(from: null, to: 0), .init(from: outputEnd, to: 1), .init(from: errorsEnd, to: 2)])
    } catch {
      throw WorkError(.environment, "\(error). Is Primatrix installed whole?")
    }
    stop.watch(child.signaller)
    let words = read(output: output, errors: errors, progress: progress)
    return End(status: child.wait(), errors: words)
  }

  /// Reads both pipes until the worker and whatever inherited them have closed their ends.
  private func read(output: Int32, errors: Int32, progress: ProgressReport) -> String {
    var line: [UInt8] = []
    var words: [UInt8] = []
    var polled = [
      pollfd(fd: output, events: Int16(POLLIN), revents: 0), pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
    ]
    while polled.contains(where: { $0.fd >= 0 }) {
      guard poll(&polled, nfds_t(polled.count), -1) >= 0 || errno == EINTR else { break }
      for index in polled.indices where polled[index].fd >= 0 && polled[index].revents != 0 {
        guard let bytes = Self.read(polled[index].fd) else {
          polled[index].fd = -1
          continue
        }
        if index == 0 {
          take(bytes, line: &line, progress: progress)
        } else {
          words = Array((words + bytes).suffix(Self.errorLimit))
        }
      }
    }
    return String(decoding: words, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private func take(_ bytes: [UInt8], line: inout [UInt8], progress: ProgressReport) {
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        // A line that is no progress is not worth failing a unit for: its products are what counts.
        if let report = try? CanonicalJSON.decode(WorkProgress.self, from: Data(line)) { progress(report) }
        line = []
      } else if line.count < Self.lineLimit {
        line.append(byte)
      }
    }
  }

  /// Nil at the end, or when reading fails for good.
  private static func read(_ descriptor: Int32) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      let count = Foundation.read(descriptor, &buffer, buffer.count)
      if count > 0 { return Array(buffer.prefix(count)) }
      if count == 0 || errno != EINTR { return nil }
    }
  }

  private static func pipe() throws -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [-1, -1]
    let code = clinux_pipe(&ends)
    guard code == 0 else {
      throw WorkError(.environment, "no pipe for a worker: \(String(cString: strerror(code)))")
    }
    return (ends[0], ends[1])
  }
}
