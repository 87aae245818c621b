/// Reads comma-separated values (RFC 4180) as bytes: names need not be UTF-8. Lines may end with LF or CRLF, a byte order
/// mark is skipped, fields in quotes may hold commas, line ends and doubled quotes.
package struct CSVReader: ~Copyable {
  /// One record and the line that it begins on, counted from 1.
  package struct Record: Sendable, Equatable {
    package var line: Int
    package var fields: [[UInt8]]
  }

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1

  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// The next record that is not an empty line; nil at the end.
  ///
  /// - Throws: `CSVError` for a quote that is never closed, or text after a closing quote. The line that the record
  ///   begins on is passed over then, and no more than that: one bad quote does not take the rest of the file with it.
  package mutating func next() throws(CSVError) -> Record? {
    skipEmptyLines()
    guard position < bytes.count else { return nil }
    let start = (position, line)
    do throws(CSVError) {
      return try record()
    } catch {
      (position, line) = start
      while position < bytes.count, bytes[position] != Self.newline, bytes[position] != Self.carriageReturn {
        position += 1
      }
      endLine()
      throw error
    }
  }

  private mutating func record() throws(CSVError) -> Record {
    var record = Record(line: line, fields: [])
    while true {
      record.fields.append(try field())
      guard position < bytes.count, bytes[position] == Self.comma else { break }
      position += 1
    }
    endLine()
    return record
  }

  private mutating func field() throws(CSVError) -> [UInt8] {
    guard position < bytes.count, bytes[position] == Self.quote else {
      let start = position
      while position < bytes.count, !Self.ends(bytes[position]) { position += 1 }
      return Array(bytes[start..<position])
    }
    return try quoted()
  }

  private mutating func quoted() throws(CSVError) -> [UInt8] {
    let opened = line
    var field: [UInt8] = []
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == Self.newline { line += 1 }
      if byte != Self.quote {
        field.append(byte)
      } else if position < bytes.count, bytes[position] == Self.quote {
        field.append(Self.quote)
        position += 1
      } else {
        guard position == bytes.count || Self.ends(bytes[position]) else {
          throw CSVError(line: line, reason: "text follows a closing quote")
        }
        return field
      }
    }
    throw CSVError(line: opened, reason: "a quote is opened and never closed")
  }

  private mutating func skipEmptyLines() {
    while position < bytes.count, bytes[position] == Self.newline || bytes[position] == Self.carriageReturn {
      endLine()
    }
  }

  /// LF, CRLF, or CR alone.
  private mutating func endLine() {
    guard position < bytes.count else { return }
    if bytes[position] == Self.carriageReturn { position += 1 }
    if position < bytes.count, bytes[position] == Self.newline { position += 1 }
    line += 1
  }

  private static func ends(_ byte: UInt8) -> Bool { byte == comma || byte == newline || byte == carriageReturn }

  private static let quote = UInt8(ascii: "\"")
  private static let comma = UInt8(ascii: ",")
  private static let newline = UInt8(ascii: "\n")
  private static let carriageReturn = UInt8(ascii: "\r")
}

/// The text is no table from this line on.
package struct CSVError: Error, Equatable {
  package var line: Int
  package var reason: String

  package init(line: Int, reason: String) {
    self.line = line
    self.reason = reason
  }
}
