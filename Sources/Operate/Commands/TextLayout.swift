/// Text for terminals of a certain width.
package enum TextLayout {
  /// Breaks a line at blanks where it is too long; what continues it is indented by `hanging` blanks. A word that is longer
  /// than a line stays whole: paths are copied. Colours take no room.
  package static func wrap(_ line: String, width: Int, hanging: Int) -> [String] {
    if visible(line) <= width { return [line] }
    let indent = String(repeating: " ", count: hanging)
    let first = line.prefix { $0 == " " }
    var lines: [String] = []
    var current = String(first)
    var isEmpty = true
    for word in line.dropFirst(first.count).split(separator: " ", omittingEmptySubsequences: false) {
      if !isEmpty && visible(current) + 1 + visible(String(word)) > width {
        lines.append(current)
        current = indent
        isEmpty = true
      }
      current += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return lines + [current]
  }

  /// Characters that are seen: without the sequences that set colours.
  static func visible(_ text: String) -> Int {
    var count = 0
    var isSequence = false
    for character in text {
      if character == "\u{1B}" {
        isSequence = true
      } else if isSequence {
        isSequence = character != "m"
      } else {
        count += 1
      }
    }
    return count
  }
}
