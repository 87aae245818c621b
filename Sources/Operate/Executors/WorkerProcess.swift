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

  func run(stop: Stop, dialogue: WorkDialogue? = nil, progress: ProgressReport) throws -> End {
    let (output, outputEnd) = try Self.pipe()
    let (errors, errorsEnd) = try Self.pipe()
    let (inputEnd, input) = try dialogue.map { _ in try Self.pipe() } ?? (open("/dev/null", O_RDONLY | O_CLOEXEC), -1)
    defer { for descriptor in [output, errors, input] where descriptor >= 0 { close(descriptor) } }
    if input >= 0 { _ = fcntl(input, F_SETFL, O_NONBLOCK) }
    let child: ChildProcess
    do {
      defer { for descriptor in [inputEnd, outputEnd, errorsEnd] { close(descriptor) } }
      child = try ChildProcess(
        executable: executable, arguments: arguments, environment: environment,
        descriptors: [.init(from: inputEnd, to: 0), .init(from: outputEnd, to: 1), .init(from: errorsEnd, to: 2)])
    } catch {
      throw WorkError(.environment, "\(error). Is Primatrix installed whole?")
    }
    stop.watch(child.signaller)
    let words = talk(output: output, errors: errors, input: input, dialogue: dialogue, progress: progress)
    return End(status: child.wait(), errors: words)
  }

  /// Reads both pipes until the worker and whatever inherited them have closed their ends, and passes on what the
  /// dialogue has to say in between.
  private func talk(
    output: Int32, errors: Int32, input: Int32, dialogue: WorkDialogue?, progress: ProgressReport
  ) -> String {
    var line: [UInt8] = []
    var words: [UInt8] = []
    var unsent: [UInt8] = []
    var polled = [
      pollfd(fd: output, events: Int16(POLLIN), revents: 0), pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
      pollfd(fd: dialogue?.bell ?? -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: -1, events: Int16(POLLOUT), revents: 0),
    ]
    while polled[0].fd >= 0 || polled[1].fd >= 0 {
      // A line under way is finished before the next one is begun.
      polled[2].fd = unsent.isEmpty ? dialogue?.bell ?? -1 : -1
      polled[3].fd = unsent.isEmpty ? -1 : input
      guard poll(&polled, nfds_t(polled.count), -1) >= 0 || errno == EINTR else { break }
      for index in 0..<2 where polled[index].fd >= 0 && polled[index].revents != 0 {
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
      if polled[2].fd >= 0, polled[2].revents != 0, let instruction = dialogue?.take() {
        unsent = ((try? CanonicalJSON.encode(instruction)).map(Array.init) ?? []) + [UInt8(ascii: "\n")]
      }
      if !unsent.isEmpty { Self.send(&unsent, to: input) }
    }
    return String(decoding: words, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// As much as the pipe takes. A worker that has closed it wants to know nothing more.
  private static func send(_ bytes: inout [UInt8], to input: Int32) {
    let count = write(input, bytes, bytes.count)
    if count >= 0 {
      bytes.removeFirst(count)
    } else if errno != EAGAIN && errno != EINTR {
      bytes = []
    }
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
