internal import Tables
internal import Vocabulary

/// The first line of a label file or submission format: `filename`, then one column for each class.
struct TableHeader {
  var classes: ClassList
  /// Where the file names stand among the columns.
  var nameColumn: Int

  var columns: Int { classes.count + 1 }

  init(_ reader: inout CSVReader, file: String) throws(TableError) {
    let first: CSVReader.Record?
    do {
      first = try reader.next()
    } catch {
      throw TableError("\(file):\(error.line): \(error.reason)", isForeign: true)
    }
    guard let record = first else {
      throw TableError("\(file): is empty; expected a header: filename and the names of the classes", isForeign: true)
    }
    var names: [String] = []
    var column: Int?
    for (index, field) in record.fields.enumerated() {
      guard let text = String(validating: field, as: UTF8.self) else {
        throw TableError(
          "\(file):\(record.line): column \(index + 1) of the header is not UTF-8; save the file as UTF-8",
          isForeign: true)
      }
      let name = text.trimmed
      if name != "filename" {
        names.append(name)
      } else if column == nil {
        column = index
      } else {
        throw TableError("\(file):\(record.line): the column filename stands twice in the header")
      }
    }
    guard let column else {
      let first = names.first ?? ""
      let hint = first.contains(";") || first.contains("\t") ? "; columns are separated by commas" : ""
      throw TableError(
        "\(file):\(record.line): the header has no column filename; it begins with \"\(first.prefix(80))\"\(hint)",
        isForeign: true)
    }
    nameColumn = column
    do {
      classes = try ClassList(names)
    } catch {
      throw TableError("\(file):\(record.line): \(Self.words(error))")
    }
  }

  private static func words(_ problem: ClassList.Problem) -> String {
    switch problem {
    case .empty: "the header names no class; expected a column for each class beside filename"
    case .unnamed: "a column of the header has no name"
    case .duplicate(let name): "the class \"\(name)\" stands twice in the header"
    }
  }
}

extension CSVReader {
  /// The next row below the header. Lines that are no rows are added to `problems` and passed over.
  mutating func nextRow(_ problems: inout [TableProblem]) -> Record? {
    while true {
      do {
        return try next()
      } catch {
        problems.append(TableProblem(line: error.line, message: "\(error.reason); the line is left out"))
      }
    }
  }
}

/// A file that cannot be used at all: file and line, the cause, and what was expected.
package struct TableError: Error, Equatable, CustomStringConvertible {
  package var description: String
  /// Nothing suggests that the file was meant as a table of ours.
  package var isForeign: Bool

  package init(_ description: String, isForeign: Bool = false) {
    self.description = description
    self.isForeign = isForeign
  }
}

/// A row that is left out, or a remark about one that is used.
package struct TableProblem: Sendable, Equatable {
  /// Counted from 1.
  package var line: Int
  package var message: String

  package init(line: Int, message: String) {
    self.line = line
    self.message = message
  }
}

extension String {
  /// Without blanks at its ends.
  var trimmed: String {
    var text = self[...]
    while let last = text.last, last == " " || last == "\t" { text.removeLast() }
    while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
    return String(text)
  }
}
