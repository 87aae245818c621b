internal import Tables
package import Vocabulary

/// Labels by file name. A row that is wrong is left out with its line and reason; the others are used.
package struct LabelFile: Sendable {
  package struct Row: Sendable, Equatable {
    /// As in the file.
    package var name: BytePath
    package var labels: Labels
    package var line: Int
  }

  package private(set) var classes: ClassList
  /// In the order of the file, each name once.
  package private(set) var rows: [Row] = []
  package private(set) var problems: [TableProblem] = []

  /// - Parameter name: the file's name, for messages.
  /// - Throws: `TableError` when the header is wrong or the text is no table.
  package init(bytes: [UInt8], name file: String) throws(TableError) {
    var reader = CSVReader(bytes)
    var rows: [Row] = []
    var problems: [TableProblem] = []
    var known: [BytePath: Int] = [:]
    let header: TableHeader
    do {
      header = try TableHeader(try reader.next(), file: file)
      while let record = try reader.next() {
        do throws(Refusal) {
          let row = try Self.row(record, header)
          if let earlier = known[row.name] {
            try Self.compare(row, with: rows[earlier])
          } else {
            known[row.name] = rows.count
            rows.append(row)
          }
        } catch {
          problems.append(TableProblem(line: record.line, message: error.reason))
        }
      }
    } catch let error as CSVError {
      throw TableError("\(file):\(error.line): \(error.reason)")
    } catch let error as TableError {
      throw error
    } catch {
      throw TableError("\(file): \(error)")
    }
    classes = header.classes
    self.rows = rows
    self.problems = problems
  }

  private struct Refusal: Error {
    var reason: String
  }

  private static func row(_ record: CSVReader.Record, _ header: TableHeader) throws(Refusal) -> Row {
    guard record.fields.count == header.columns else {
      throw Refusal(
        reason: "\(record.fields.count) columns where the header has \(header.columns); the row is left out")
    }
    let name = BytePath(bytes: record.fields[header.nameColumn])
    if name.bytes.isEmpty { throw Refusal(reason: "no file name; the row is left out") }
    var present: [Bool] = []
    for (index, field) in record.fields.enumerated() where index != header.nameColumn {
      guard let value = flag(field) else {
        let shown = String(decoding: field.prefix(40), as: UTF8.self)
        let column = header.classes.names[present.count]
        throw Refusal(
          reason: "\(name): expected 0 or 1 in column \"\(column)\", found \"\(shown)\"; the row is left out")
      }
      present.append(value)
    }
    if let blank = header.classes.names.firstIndex(of: "blank"), present[blank], present.count(where: { $0 }) > 1 {
      throw Refusal(reason: "\(name): blank and another class at once; the row is left out")
    }
    return Row(name: name, labels: Labels(present), line: record.line)
  }

  /// Spreadsheets and scripts also write `1.0` and blanks around it.
  private static func flag(_ field: [UInt8]) -> Bool? {
    switch String(decoding: field, as: UTF8.self).trimmed {
    case "0", "0.0": false
    case "1", "1.0": true
    default: nil
    }
  }

  private static func compare(_ row: Row, with earlier: Row) throws(Refusal) {
    let same = row.labels == earlier.labels
    throw Refusal(
      reason: "\(row.name): stands in line \(earlier.line) already, "
        + (same ? "with the same labels" : "with other labels; line \(earlier.line) is used"))
  }
}
