import Foundation
import Subprocesses
import TestSupport
import Vocabulary

/// A fetch in a process of its own, to be killed.
enum FetchProbe {
  enum End { case whole, failed(String), killed }

  /// Runs it until it ends, or is killed: by `started`, which gets its number, or after so many seconds.
  static func run(
    _ place: BytePath, _ source: [String], seconds: Double, started: @escaping @Sendable (pid_t) -> Void = { _ in }
  ) async throws -> End {
    try await BlockingThread.run(named: "probe") { try runHere(place, source, seconds, started) }
  }

  private static func runHere(
    _ place: BytePath, _ source: [String], _ seconds: Double, _ started: (pid_t) -> Void
  ) throws -> End {
    let process = Process()
    process.executableURL = Checkout.products.appending(
      path: source.first == "torrent" ? "TorrentProbe" : "FetchProbe")
    process.arguments = [place.display] + source
    process.standardOutput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let pid = process.processIdentifier
    started(pid)
    let timer = DispatchSource.makeTimerSource()
    timer.schedule(deadline: .now() + seconds)
    timer.setEventHandler { kill(pid, SIGKILL) }
    timer.resume()
    process.waitUntilExit()
    timer.cancel()
    if process.terminationReason == .uncaughtSignal { return .killed }
    if process.terminationStatus == 0 { return .whole }
    return .failed(String(decoding: (try? errors.fileHandleForReading.readToEnd()) ?? Data(), as: UTF8.self))
  }
}

extension FetchProbe.End: Equatable {}
