internal import Control

extension String {
  /// Without characters that steer a terminal or turn the direction of text: file names are strangers' text.
  var harmless: String {
    var clean = String.UnicodeScalarView()
    for scalar in unicodeScalars { clean.append(scalar.isHarmful ? "\u{FFFD}" : scalar) }
    return String(clean)
  }

  /// The same for text of several lines.
  var harmlessLines: String {
    split(separator: "\n", omittingEmptySubsequences: false).map { String($0).harmless }.joined(separator: "\n")
  }

  /// Padded with blanks, before or behind.
  func padded(_ width: Int) -> String { self + String(repeating: " ", count: Swift.max(width - count, 0)) }
  func padded(before width: Int) -> String { String(repeating: " ", count: Swift.max(width - count, 0)) + self }

  /// Without the blanks at its end.
  func trimmingSuffix() -> String { String(reversed().drop { $0 == " " }.reversed()) }
}
