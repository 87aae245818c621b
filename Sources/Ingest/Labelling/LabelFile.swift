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

  /// The file's name, for messages.
  package let name: String
  package let classes: ClassList
  /// In the order of the file, each name once.
  package private(set) var rows: [Row] = []
  package private(set) var problems: [TableProblem] = []

  /// - Parameter rowLimit: more rows than this are an error.
  /// - Throws: `TableError` when the header is wrong.
  package init(bytes: [UInt8], name file: String, rowLimit: Int = .max) throws(TableError) {
    var reader = CSVReader(bytes)
    let header = try TableHeader(&reader, file: file)
    name = file
    classes = header.classes
    var known: [BytePath: Int] = [:]
    var sets: [Labels: Labels] = [:]
    var isOver = false
    while let record = reader.nextRow(&problems) {
      do throws(Refusal) {
        let row = try Self.row(record, header)
        if let earlier = known[row.name] {
          try Self.compare(row, with: rows[earlier])
        } else if rows.count < rowLimit {
          known[row.name] = rows.count
          // Millions of rows have few sets of labels between them.
          rows.append(Row(name: row.name, labels: sets[row.labels, default: row.labels], line: row.line))
          if sets.count < 4096, sets[row.labels] == nil { sets[row.labels] = row.labels }
        } else {
          isOver = true
          break
        }
      } catch {
        problems.append(TableProblem(line: record.line, message: error.reason))
      }
    }
    if isOver { throw TableError("\(file): has more than \(rowLimit) rows") }
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
