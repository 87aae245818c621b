internal import Tables
internal import Vocabulary

/// The first line of a label file or submission format: `filename`, then one column for each class.
struct TableHeader {
  var classes: ClassList
  /// Where the file names stand among the columns.
  var nameColumn: Int

  var columns: Int { classes.count + 1 }

  init(_ record: CSVReader.Record?, file: String) throws(TableError) {
    guard let record else {
      throw TableError("\(file): is empty; expected a header: filename and the names of the classes")
    }
    var names: [String] = []
    var column: Int?
    for (index, field) in record.fields.enumerated() {
      guard let text = String(validating: field, as: UTF8.self) else {
        throw TableError(
          "\(file):\(record.line): column \(index + 1) of the header is not UTF-8; save the file as UTF-8")
      }
      let name = text.trimmed
      if name == "filename", column == nil { column = index } else { names.append(name) }
    }
    guard let column else {
      throw TableError(
        "\(file):\(record.line): the header has no column filename; it begins with \"\(names.first ?? "")\"")
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

/// A file that cannot be used at all: file and line, the cause, and what was expected.
package struct TableError: Error, Equatable, CustomStringConvertible {
  package var description: String

  package init(_ description: String) { self.description = description }
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
