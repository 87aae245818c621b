import Foundation
import Journal
import TestSupport
import Testing

/// `journalctl -x` has something to say on every event.
struct JournalCatalogTests {
  private struct Entry {
    var id: String
    var headers: [String: String] = [:]
    var text = ""
  }

  private static func entries() throws -> [Entry] {
    let file = Checkout.root.appending(path: "systemd/primatrix.catalog")
    var entries: [Entry] = []
    var isHead = true
    for line in try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n") where !line.hasPrefix("#") {
      if line.hasPrefix("-- ") {
        entries.append(Entry(id: String(line.dropFirst(3))))
        isHead = true
      } else if let last = entries.indices.last {
        if line.isEmpty { isHead = false }
        let parts = line.split(separator: ":", maxSplits: 1)
        if isHead, parts.count == 2 {
          entries[last].headers[String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces)
        } else {
          entries[last].text += "\(line)\n"
        }
      }
    }
    return entries
  }

  @Test func everyEventHasItsEntryAndEveryEntryItsEvent() throws {
    let listed = try Self.entries().map(\.id)
    #expect(listed == JournalEvent.allCases.map(\.rawValue), "in the order of the cases")
  }

  @Test(arguments: JournalEvent.allCases) func theNumberIsOfTheKindThatTheJournalTakes(event: JournalEvent) {
    #expect(event.rawValue.count == 32 && event.rawValue.allSatisfy { "0123456789abcdef".contains($0) })
  }

  @Test func everyEntryHasASubjectAndSaysWhatToDo() throws {
    for entry in try Self.entries() {
      #expect(entry.headers.keys.sorted() == ["Defined-By", "Documentation", "Subject"], "\(entry.id)")
      #expect(entry.headers.values.allSatisfy { !$0.isEmpty }, "\(entry.id)")
      #expect(entry.text.trimmingCharacters(in: .whitespacesAndNewlines).count > 60, "\(entry.id)")
      #expect(entry.text.split(separator: "\n").allSatisfy { $0.count < 80 }, "\(entry.id) does not fit a terminal")
    }
  }

  /// `@PRIMATRIX_CLIP@` stands for what a record has in that field.
  @Test func onlyFieldsThatRecordsHaveAreNamed() throws {
    let fields = Set(["MESSAGE"] + JournalField.allCases.map(\.name))
    for entry in try Self.entries() {
      let named = entry.text.split(separator: "@", omittingEmptySubsequences: false).enumerated()
        .compactMap { $0.offset.isMultiple(of: 2) ? nil : String($0.element) }
      #expect(fields.isSuperset(of: named), "\(entry.id): \(named)")
    }
  }

  /// An event that nothing records is a promise that nobody keeps.
  @Test func everyEventIsRecordedSomewhere() throws {
    let sources = Checkout.root.appending(path: "Sources")
    let files = FileManager.default.enumerator(atPath: sources.path)?.compactMap { $0 as? String } ?? []
    var code = ""
    for file in files where file.hasSuffix(".swift") && !file.hasSuffix("JournalEvent.swift") {
      code += try String(contentsOf: sources.appending(path: file), encoding: .utf8)
    }
    for event in JournalEvent.allCases { #expect(code.contains(".\(event)"), "\(event)") }
  }
}
