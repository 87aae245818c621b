internal import Foundation
private import Synchronization
internal import Vocabulary
internal import WorkUnits

/// Ends this process with an explanation when its archive has taken more processor time than it may.
///
/// The kernel sends SIGXCPU at the soft limit and then each second. What may be used is looked up each time, because it
/// grows with an archive that grows. An endless loop inside a parser is ended too, which a check between reads would not do.
enum ProcessorLimit {
  /// In seconds.
  private static let allowance = Atomic<Int64>(.max)
  private static let file = Atomic<UInt>(0)
  private static let message = Atomic<UInt>(0)
  private static let messageBytes = Atomic<Int>(0)

  /// What an archive of `bytes` bytes may use: the slowest filter makes some MB a second of its input.
  static func seconds(_ limits: UnpackLimits, bytes: Int64) -> Int64 { Int64(limits.processorSeconds) + bytes >> 20 }

  static func allow(_ seconds: Int64) { allowance.store(seconds, ordering: .relaxed) }

  /// From now on SIGXCPU leaves the reason in `output`, as a worker's main does, and exits.
  static func arm(archive: BytePath, output: BytePath) {
    let error = WorkError(
      .input,
      "\(archive): unpacking it took more processor time than the archive's CPU limit allows; it is broken, or made to be slow"
    )
    guard let words = try? CanonicalJSON.encode(error) else { return }
    // A signal handler may neither allocate nor encode, so all it needs lies ready, for as long as the process lives.
    let path = strdup(output.appending(WorkFile.failure).display)
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: words.count, alignment: 1)
    bytes.copyBytes(from: words)
    file.store(UInt(bitPattern: path), ordering: .releasing)
    message.store(UInt(bitPattern: bytes.baseAddress), ordering: .releasing)
    messageBytes.store(words.count, ordering: .releasing)
    signal(SIGXCPU) { _ in ProcessorLimit.judge() }
  }

  private static func judge() {
    let saved = errno
    var used = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used)
    guard Int64(used.tv_sec) >= allowance.load(ordering: .relaxed),
      let path = UnsafePointer<CChar>(bitPattern: file.load(ordering: .acquiring)),
      let bytes = UnsafeRawPointer(bitPattern: message.load(ordering: .acquiring))
    else {
      errno = saved
      return
    }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    _ = write(descriptor, bytes, messageBytes.load(ordering: .acquiring))
    _exit(WorkError(.input, "").exitCode)
  }
}
