/// A value of a TOML document and the line it stands on, counted from 1.
package struct TomlNode: Sendable, Equatable {
  package var line: Int
  package var value: TomlValue

  package init(line: Int, value: TomlValue) {
    self.line = line
    self.value = value
  }
}

package enum TomlValue: Sendable, Equatable {
  case table([String: TomlNode])
  case array([TomlNode])
  case string(String)
  case integer(Int)
  case number(Double)
  case boolean(Bool)
  /// A date, a time, infinity or not-a-number, as text: nothing of ours uses them.
  case other(String)

  /// For complaints: `a string`.
  package var kind: String {
    switch self {
    case .table: "a table"
    case .array: "a list"
    case .string: "a string"
    case .integer: "a whole number"
    case .number: "a number"
    case .boolean: "true or false"
    case .other(let text): text
    }
  }
}

extension TomlNode: Decodable {
  private enum CodingKeys: String, CodingKey { case line, table, array, string, integer, number, boolean, other }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    line = try container.decode(Int.self, forKey: .line)
    if let table = try container.decodeIfPresent([String: TomlNode].self, forKey: .table) {
      value = .table(table)
    } else if let array = try container.decodeIfPresent([TomlNode].self, forKey: .array) {
      value = .array(array)
    } else if let string = try container.decodeIfPresent(String.self, forKey: .string) {
      value = .string(string)
    } else if let integer = try container.decodeIfPresent(Int.self, forKey: .integer) {
      value = .integer(integer)
    } else if let number = try container.decodeIfPresent(Double.self, forKey: .number) {
      value = .number(number)
    } else if let boolean = try container.decodeIfPresent(Bool.self, forKey: .boolean) {
      value = .boolean(boolean)
    } else {
      value = .other(try container.decode(String.self, forKey: .other))
    }
  }
}
