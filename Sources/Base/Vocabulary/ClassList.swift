/// The classes of a label file, in its column order. The header defines them; the contest has 24.
package struct ClassList: Hashable, Sendable, Codable {
  package let names: [String]

  /// Fails on an empty list, an empty name or a name that stands twice.
  package init(_ names: [String]) throws(Problem) {
    if names.isEmpty { throw .empty }
    if names.contains("") { throw .unnamed }
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted { throw .duplicate(name) }
    self.names = names
  }

  package var count: Int { names.count }

  /// The class of clips without an animal.
  package static let blank = "blank"

  package init(from decoder: any Decoder) throws { try self.init(decoder.singleValueContainer().decode([String].self)) }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(names)
  }

  package enum Problem: Error, Equatable {
    case empty, unnamed
    case duplicate(String)
  }
}

/// One clip's labels: true where the class is present, in the order of the class list. Several may be.
package struct Labels: Hashable, Sendable, Codable {
  package var present: [Bool]

  package init(_ present: [Bool]) { self.present = present }

  /// `0100...`, one digit a class: how labels stand in JSON and in the catalog.
  package var digits: String { String(present.map { $0 ? "1" : "0" }) }

  package init?(digits: String) {
    var present: [Bool] = []
    for digit in digits.utf8 {
      switch digit {
      case UInt8(ascii: "0"): present.append(false)
      case UInt8(ascii: "1"): present.append(true)
      default: return nil
      }
    }
    self.present = present
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let labels = Labels(digits: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "labels are digits 0 and 1")
    }
    self = labels
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(digits)
  }
}
