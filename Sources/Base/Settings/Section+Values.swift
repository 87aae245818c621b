internal import Foundation
internal import Toml
internal import Vocabulary

extension Section {
  package func string(_ key: String) -> String? {
    value(key, "a string") { if case .string(let text) = $0, !text.isEmpty { text } else { nil } }
  }

  func strings(_ key: String) -> [String]? {
    value(key, "a list of strings") { Self.texts($0) }
  }

  /// A path; one that is not absolute is relative to the folder of the configuration file.
  func path(_ key: String, relativeTo folder: BytePath) -> BytePath? {
    string(key).map { Self.absolute($0, folder) }
  }

  func paths(_ key: String, relativeTo folder: BytePath) -> [BytePath]? {
    strings(key)?.map { Self.absolute($0, folder) }
  }

  package func integer(_ key: String, _ range: ClosedRange<Int>) -> Int? {
    value(key, "a whole number from \(range.lowerBound) to \(range.upperBound)") {
      if case .integer(let number) = $0, range.contains(number) { number } else { nil }
    }
  }

  func number(_ key: String, _ range: ClosedRange<Double>) -> Double? {
    value(key, "a number from \(range.lowerBound) to \(range.upperBound)") {
      switch $0 {
      case .number(let number) where range.contains(number): number
      case .integer(let number) where range.contains(Double(number)): Double(number)
      default: nil
      }
    }
  }

  func flag(_ key: String) -> Bool? {
    value(key, "true or false") { if case .boolean(let flag) = $0 { flag } else { nil } }
  }

  /// Bytes, written as `512MiB`, `20GiB` or `1TB`; nil for the word that stands for no amount of one's own.
  func bytes(_ key: String, or word: String) -> Int64?? {
    value(key, "an amount such as \"512MiB\", \"20GiB\" or \"1TB\", or \"\(word)\"") { value -> Int64?? in
      guard case .string(let text) = value else { return nil }
      return text == word ? .some(nil) : Self.amount(text).map { .some($0) }
    }
  }

  private static func amount(_ text: String) -> Int64? {
    let units: [(String, Double)] = [
      ("KiB", 0x1p10), ("MiB", 0x1p20), ("GiB", 0x1p30), ("TiB", 0x1p40), ("kB", 1e3), ("MB", 1e6), ("GB", 1e9),
      ("TB", 1e12), ("B", 1),
    ]
    guard let (unit, size) = units.first(where: { text.hasSuffix($0.0) }),
      let count = Double(text.dropLast(unit.count).trimmingCharacters(in: .whitespaces)), count >= 0, count.isFinite,
      text.first?.isNumber == true, count * size < 0x1p60
    else { return nil }
    return Int64(count * size)
  }

  /// Seconds, written as `90s`, `15m`, `12h` or `7d`.
  func duration(_ key: String) -> Double? {
    value(key, "a time such as \"90s\", \"15m\", \"12h\" or \"7d\"") {
      if case .string(let text) = $0 { Self.seconds(text) } else { nil }
    }
  }

  /// One of some words.
  func choice<Value>(_ key: String, _ choices: [(String, Value)]) -> Value? {
    value(key, choices.map { "\"\($0.0)\"" }.joined(separator: " or ")) {
      if case .string(let text) = $0 { choices.first { $0.0 == text }?.1 } else { nil }
    }
  }

  static func seconds(_ text: String) -> Double? {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
    guard let unit = text.last.flatMap({ units[$0] }), let count = Double(text.dropLast()), count > 0,
      count.isFinite, text.first?.isNumber == true
    else { return nil }
    return count * unit
  }

  static func texts(_ value: TomlValue) -> [String]? {
    guard case .array(let nodes) = value else { return nil }
    let texts = nodes.compactMap { if case .string(let text) = $0.value, !text.isEmpty { text } else { nil } }
    return texts.count == nodes.count ? texts : nil
  }

  private static func absolute(_ text: String, _ folder: BytePath) -> BytePath {
    let path = BytePath(text)
    return path.isAbsolute ? path : folder.appending(path)
  }
}
