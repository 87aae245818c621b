/// Writes comma-separated values (RFC 4180, lines ending with LF), quoting only what needs it.
package struct CSVWriter {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func write(_ fields: [[UInt8]]) {
    for (index, field) in fields.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      write(field)
    }
    bytes.append(UInt8(ascii: "\n"))
  }

  private mutating func write(_ field: [UInt8]) {
    guard Self.needsQuotes(field) else {
      bytes += field
      return
    }
    let quote = UInt8(ascii: "\"")
    bytes.append(quote)
    for byte in field {
      if byte == quote { bytes.append(quote) }
      bytes.append(byte)
    }
    bytes.append(quote)
  }

  /// Spaces at the ends too: some readers strip them.
  private static func needsQuotes(_ field: [UInt8]) -> Bool {
    let space = UInt8(ascii: " ")
    if field.first == space || field.last == space { return true }
    return field.contains {
      $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r")
    }
  }
}
