internal import Foundation
package import Toml
package import Vocabulary

/// Reads the keys of one table of a TOML file, complains about each that is wrong, and in the end about each that nobody asked for.
package final class Section {
  private let name: String
  private let line: Int
  private var entries: [String: TomlNode]
  private let given: Set<String>
  private var known: [String] = []
  private let complaints: Complaints

  package init(_ name: String, _ node: TomlNode, _ complaints: Complaints) {
    self.name = name
    line = node.line
    self.complaints = complaints
    if case .table(let entries) = node.value {
      self.entries = entries
    } else {
      entries = [:]
      complaints.add(node.line, "\(name): expected a table, got \(node.value.kind)")
    }
    given = Set(entries.keys)
  }

  package func wasGiven(_ key: String) -> Bool { given.contains(key) }

  /// The value of a key by `read`, which returns nil for a value that is not `expected`. Nil also when it is not there.
  package func value<Value>(_ key: String, _ expected: String, _ read: (TomlValue) -> Value?) -> Value? {
    known.append(key)
    guard let node = entries.removeValue(forKey: key) else { return nil }
    if let value = read(node.value) { return value }
    complaints.add(node.line, "\(path(key)): expected \(expected), got \(shown(node.value))")
    return nil
  }

  /// A table below this one, or nil.
  package func section(_ key: String) -> Section? {
    known.append(key)
    return entries.removeValue(forKey: key).map { Section(path(key), $0, complaints) }
  }

  package func sections(_ key: String) -> [Section] {
    known.append(key)
    guard let node = entries.removeValue(forKey: key) else { return [] }
    guard case .array(let nodes) = node.value else {
      complaints.add(node.line, "\(path(key)): expected [[\(key)]], as often as there are some, got \(node.value.kind)")
      return []
    }
    return nodes.map { Section("[[\(key)]]", $0, complaints) }
  }

  /// A key of the design that does nothing yet: accepting it would promise what does not happen.
  func later(_ keys: String...) {
    for key in keys {
      guard let node = entries.removeValue(forKey: key) else { continue }
      complaints.add(node.line, "\(path(key)): not in this version yet; remove it")
    }
  }

  package func missing(_ key: String, _ expected: String) {
    complaints.add(line, "\(path(key)) is missing: \(expected)")
  }

  package func complain(_ key: String, _ message: String) {
    complaints.add(line, "\(path(key)): \(message)")
  }

  /// Call last: what is left is unknown.
  package func finish() {
    for (key, node) in entries.sorted(by: { $0.value.line < $1.value.line }) {
      let hint = nearest(to: key, in: known).map { "did you mean \($0)?" }
      let all = "the keys here are \(known.sorted().joined(separator: ", "))"
      complaints.add(node.line, "\(path(key)): no such key; \(hint ?? all)")
    }
  }

  private func path(_ key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }

  private func shown(_ value: TomlValue) -> String {
    switch value {
    case .string(let text): "\"\(text.prefix(80))\""
    case .integer(let number): "\(number)"
    case .number(let number): "\(number)"
    default: value.kind
    }
  }
}

/// What is wrong so far, in the order of the lines.
package final class Complaints {
  private let file: BytePath
  private var found: [(line: Int, message: String)] = []

  package init(_ file: BytePath) { self.file = file }

  func add(_ line: Int, _ message: String) { found.append((line, message)) }

  package var all: [String] {
    found.enumerated().sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }.map {
      "\(file):\($0.element.line): \($0.element.message)"
    }
  }
}
