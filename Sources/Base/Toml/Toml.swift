internal import CToml
internal import Foundation

/// Reads TOML 1.0 (toml.io) with the line of every value, so that a complaint can point to it.
package enum Toml {
  /// - Throws: `TomlError` with line and column, also for text that is not UTF-8.
  package static func parse(_ text: [UInt8]) throws(TomlError) -> TomlNode {
    let result = text.withUnsafeBytes { ctoml_parse($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) }
    defer { ctoml_free(result) }
    guard let json = result.json else {
      let reason = result.error.map { String(cString: $0) } ?? "out of memory"
      throw TomlError(line: Int(result.line), column: Int(result.column), reason: reason)
    }
    do {
      return try JSONDecoder().decode(TomlNode.self, from: Data(bytes: json, count: strlen(json)))
    } catch {
      throw TomlError(line: 0, column: 0, reason: "a value is out of range: \(error)")
    }
  }
}

package struct TomlError: Error, Equatable, CustomStringConvertible {
  /// Counted from 1; 0 when the place is not known.
  package var line: Int
  package var column: Int
  package var reason: String

  package init(line: Int, column: Int, reason: String) {
    self.line = line
    self.column = column
    self.reason = reason
  }

  package var description: String { line > 0 ? "line \(line), column \(column): \(reason)" : reason }
}
