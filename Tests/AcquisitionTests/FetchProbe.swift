import Foundation
import TestSupport
import Vocabulary

/// A fetch in a process of its own, to be killed.
enum FetchProbe {
  /// Runs it until it ends, or kills it after so many seconds. True when the source was here before that.
  static func run(_ place: BytePath, _ source: [String], killedAfter seconds: Double) throws -> Bool {
    let process = Process()
    process.executableURL = Checkout.products.appending(
      path: source.first == "torrent" ? "TorrentProbe" : "FetchProbe")
    process.arguments = [place.display] + source
    process.standardOutput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let pid = process.processIdentifier
    let timer = DispatchSource.makeTimerSource()
    timer.schedule(deadline: .now() + seconds)
    timer.setEventHandler { kill(pid, SIGKILL) }
    timer.resume()
    process.waitUntilExit()
    timer.cancel()
    if process.terminationReason == .uncaughtSignal { return false }
    let words = String(decoding: (try? errors.fileHandleForReading.readToEnd()) ?? Data(), as: UTF8.self)
    guard process.terminationStatus == 0 else {
      throw FetchWatch.Unmet(description: "FetchProbe ended with \(process.terminationStatus): \(words)")
    }
    return true
  }
}
