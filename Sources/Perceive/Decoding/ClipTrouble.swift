internal import CFFmpeg
internal import Foundation
private import Synchronization

/// Why a clip gives no frames, or no more of them, in words for people.
struct Unreadable: Error {
  var reason: String

  init(_ reason: String) { self.reason = reason }

  /// A failure that FFmpeg reports: what we wanted, and its own words.
  init(_ what: String, code: Int32) {
    reason = "\(what): \(LibraryWords.explain(code))"
  }
}

/// What FFmpeg says beside its error codes: "moov atom not found" helps people, "invalid data" does not.
enum LibraryWords {
  /// By thread: FFmpeg speaks on the thread that called it.
  private static let last = Mutex<[pthread_t: String]>([:])
  private static let limit = 160

  /// From its first use on the last error message is kept and nothing is printed.
  static let listening: Void = {
    av_log_set_callback { _, level, format, arguments in
      guard level <= AV_LOG_ERROR, let format, let arguments else { return }
      var buffer = [CChar](repeating: 0, count: 512)
      vsnprintf(&buffer, buffer.count, format, arguments)
      let words = LibraryWords.plain(buffer)
      if !words.isEmpty { LibraryWords.last.withLock { $0[pthread_self()] = words } }
    }
  }()

  static func clear() { last.withLock { $0[pthread_self()] = nil } }

  static func explain(_ code: Int32) -> String {
    if code == -ENOMEM { return "it needs more memory than a decoder may use" }
    if let words = last.withLock({ $0[pthread_self()] }) { return words }
    var buffer = [CChar](repeating: 0, count: 128)
    av_strerror(code, &buffer, buffer.count)
    return plain(buffer)
  }

  /// The words come from a stranger's file in part: printable ASCII only, on one line.
  private static func plain(_ buffer: [CChar]) -> String {
    let bytes = buffer.prefix { $0 != 0 }.prefix(limit).map { (0x20..<0x7f).contains($0) ? UInt8($0) : 0x20 }
    let words = String(decoding: bytes, as: UTF8.self).split(separator: " ").joined(separator: " ")
    return words.hasSuffix(".") ? String(words.dropLast()) : words
  }
}
