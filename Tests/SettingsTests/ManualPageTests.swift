import Foundation
import Settings
import TestSupport
import Testing
import Vocabulary

/// primatrix.toml(5) says what the program reads.
struct ManualPageTests {
  /// A key as the page has it: its table, and the default in parentheses, if any.
  private struct Entry: Equatable {
    var table: String
    var key: String
    var standard: String?
  }

  /// Tables and the keys in them, as the page describes them. An entry is what follows `.TP`, and `state_dir` before the first.
  private static func described() throws -> [Entry] {
    let page = try String(contentsOf: Checkout.root.appending(path: "docs/man/primatrix.toml.5"), encoding: .utf8)
      .replacing("\\-", with: "-").replacing("\\(dq", with: "\"")
    var entries: [Entry] = []
    var table = ""
    var isEntry = false
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix(".SH ") { table = "" }
      if line.hasPrefix(".SS [") { table = line.dropFirst(4).filter { !"[]".contains($0) } }
      if isEntry || (line == ".B state_dir") { entries += self.entries(line, table) }
      isEntry = line == ".TP"
    }
    return entries
  }

  /// `.BR dht " (true), " lsd " (false)"` and `.B id`.
  private static func entries(_ line: Substring, _ table: String) -> [Entry] {
    let text = line.drop { $0 != " " }.replacing("\" (", with: "(").replacing("), \"", with: ")")
      .replacing(", \"", with: " ")
    var found: [Entry] = []
    var rest = text.trimmingCharacters(in: .whitespaces)[...]
    while let start = rest.firstIndex(where: { $0.isLetter || $0 == "(" }) {
      rest = rest[start...]
      if rest.first == "(" {
        let inside = rest.dropFirst().prefix { $0 != ")" }
        for index in found.indices where found[index].standard == nil { found[index].standard = String(inside) }
        rest = rest.dropFirst(inside.count + 1)
      } else {
        let key = rest.prefix { $0.isLetter || $0 == "_" || $0.isNumber }
        found.append(Entry(table: table, key: String(key), standard: nil))
        rest = rest.dropFirst(key.count)
      }
    }
    return found
  }

  /// The keys of each table, from what the program says of an unknown one.
  private static func known() throws -> [Entry] {
    var entries: [Entry] = []
    func keys(_ toml: String) -> [String] {
      do {
        _ = try Settings.parse(Array("\(toml)zzzzzzzzzzzz = 1".utf8), file: "t", folder: "/")
        return []
      } catch {
        let list = error.problems.compactMap { $0.components(separatedBy: "the keys here are ").dropFirst().first }
          .first
        return list?.components(separatedBy: ", ") ?? []
      }
    }
    for name in keys("") {
      let header = name == "source" ? "[[source]]\nid = \"a\"\nurls = [\"/a\"]\n" : "[\(name)]\n"
      let below = keys(header)
      entries += below.isEmpty ? [Entry(table: "", key: name)] : below.map { Entry(table: name, key: $0) }
    }
    return entries
  }

  @Test func everyKeyIsDescribedAndNoOther() throws {
    func names(_ entries: [Entry]) -> Set<String> { Set(entries.map { "\($0.table).\($0.key)" }) }
    let (described, known) = (names(try Self.described()), names(try Self.known()))
    #expect(known.count > 40)
    #expect(
      described == known, "not described: \(known.subtracting(described)); unknown: \(described.subtracting(known))")
  }

  /// What stands in parentheses is what holds without the key: where it can be written as a value, it changes nothing.
  @Test func everyDefaultIsTheProgramsOwn() throws {
    var compared = 0
    for entry in try Self.described() where entry.standard != nil && entry.table != "source" {
      let standard = entry.standard ?? ""
      let word = standard.components(separatedBy: ": ")[0]
      let candidates = ["\(word)", "\"\(word)\""]
      let parsed = candidates.compactMap { value in
        let head = entry.table.isEmpty ? "" : "[\(entry.table)]\n"
        return try? Settings.parse(Array("\(head)\(entry.key) = \(value)".utf8), file: "t", folder: "/")
      }
      // A default in words ("inbox in state_dir") is for people.
      guard let settings = parsed.first else {
        #expect(standard.contains(" "), "\(entry.table).\(entry.key) (\(standard)) is no value")
        continue
      }
      compared += 1
      #expect(settings == Settings(), "\(entry.table).\(entry.key) (\(standard))")
    }
    #expect(compared > 25)
  }
}
