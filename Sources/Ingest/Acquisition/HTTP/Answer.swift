internal import Foundation

/// What a response's head means for the question that was asked. Decides alone whether a body may be used.
enum Answer: Equatable {
  /// These bytes of a file that has a strong validator.
  case part(Range<Int64>, total: Int64, tag: String)
  /// The file from its first byte, in one response.
  case whole(total: Int64?)
  /// Ranges cannot be relied on here; a plain request may do.
  case noRanges(String)
  /// The tag that was asked for is not the file's any more.
  case changed(String)
  /// Time may mend it.
  case later(String)
  /// Only a person can mend it.
  case refused(String)

  /// What was asked for: a range, and then with the tag by which this mirror is known, or the whole.
  struct Question: Equatable {
    var range: Range<Int64>?
    var tag: String?
  }

  /// - Parameter path: of the address, to know what content is expected.
  init(_ head: ResponseHead, to question: Question, path: String) {
    switch head.status {
    case 200: self = Self.whole(head, question, path)
    case 206: self = Self.part(head, question, path)
    case 416:
      switch question.range {
      case nil: self = .refused("the server answers a plain request with HTTP 416")
      case _ where question.tag != nil: self = .changed("the server has no such part any more (HTTP 416)")
      case _: self = .noRanges("the server answers with HTTP 416")
      }
    case 408, 425, 429, 500...599: self = .later("the server answers with HTTP \(head.status)")
    case 400..<500:
      self = .refused("the server answers with HTTP \(head.status); check urls of this source in the configuration")
    default: self = .refused("the server answers with HTTP \(head.status), which is no file")
    }
  }

  private static func whole(_ head: ResponseHead, _ question: Question, _ path: String) -> Answer {
    if let problem = unusable(head, path) { return .refused(problem) }
    if question.range == nil { return .whole(total: head.length) }
    return question.tag == nil
      ? .noRanges("the server ignores ranges") : .changed("the server has another version of the file now")
  }

  private static func part(_ head: ResponseHead, _ question: Question, _ path: String) -> Answer {
    guard let asked = question.range else { return .refused("the server answers a plain request with a part") }
    guard let given = head.range, let total = given.total else {
      return .noRanges("the server does not say which part it sends")
    }
    guard let tag = head.strongTag else { return .noRanges("the server gives no strong entity tag") }
    if let wanted = question.tag, wanted != tag { return .changed("the server has another version of the file now") }
    if let problem = unusable(head, path) { return .noRanges(problem) }
    // Less than what was asked for is a server's right (RFC 9110, 15.3.7); another place is not.
    guard given.bytes.lowerBound == asked.lowerBound, given.bytes.upperBound <= asked.upperBound,
      head.length == nil || head.length == Int64(given.bytes.count)
    else { return .noRanges("the server sends another part than it was asked for") }
    return .part(given.bytes, total: total, tag: tag)
  }

  /// Nil when the body is the file's own bytes.
  private static func unusable(_ head: ResponseHead, _ path: String) -> String? {
    if head.isContradictory { return "the server says two different lengths" }
    let name = path.lowercased()
    // A compressed file is often served with its compression as an encoding: then the bytes are the file's all the same.
    if let encoding = head.contentEncoding, encoding != "identity",
      !(encoding.contains("gzip") && (name.hasSuffix("gz")))
    {
      return "the server sends the content encoding \(encoding.prefix(40)), which was not asked for"
    }
    if head.contentType.hasPrefix("text/html"), !name.hasSuffix(".html"), !name.hasSuffix(".htm") {
      return "the server answers with a web page instead of the file; does it want a login?"
    }
    return nil
  }
}
