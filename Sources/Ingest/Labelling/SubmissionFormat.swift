internal import Tables
package import Vocabulary

/// Which clips a submission holds, and in which order.
package struct SubmissionFormat: Sendable {
  /// In the order of the file's header.
  package let classes: ClassList
  /// In the order of the file, each once.
  package private(set) var names: [BytePath] = []
  package private(set) var problems: [TableProblem] = []

  /// - Parameter classes: those of the label file, in any order; nil when there is none to compare with.
  /// - Throws: `TableError` when the header is wrong, or other classes are asked for.
  package init(bytes: [UInt8], name file: String, classes labels: ClassList?) throws(TableError) {
    var reader = CSVReader(bytes)
    let header = try TableHeader(&reader, file: file)
    if let labels { try Self.compare(header.classes, with: labels, file: file) }
    classes = header.classes
    var known: Set<BytePath> = []
    while let record = reader.nextRow(&problems) {
      guard header.nameColumn < record.fields.count, !record.fields[header.nameColumn].isEmpty else {
        problems.append(TableProblem(line: record.line, message: "no file name; the row is left out"))
        continue
      }
      let name = BytePath(bytes: record.fields[header.nameColumn])
      guard known.insert(name).inserted else {
        problems.append(TableProblem(line: record.line, message: "\(name): asked for twice; it gets one row"))
        continue
      }
      names.append(name)
      // A comma in a name without quotes looks like this, and the name is cut short.
      if record.fields.count != header.columns {
        let counts = "\(record.fields.count) columns where the header has \(header.columns)"
        problems.append(TableProblem(line: record.line, message: "\(name): \(counts); it gets a row under this name"))
      }
    }
  }

  private static func compare(_ own: ClassList, with labels: ClassList, file: String) throws(TableError) {
    let unknown = own.names.filter { !labels.names.contains($0) }
    let missing = labels.names.filter { !own.names.contains($0) }
    if unknown.isEmpty && missing.isEmpty { return }
    var parts: [String] = []
    if !unknown.isEmpty { parts.append("it asks for \(unknown.joined(separator: ", ")), which the labels do not have") }
    if !missing.isEmpty { parts.append("it lacks \(missing.joined(separator: ", "))") }
    throw TableError("\(file): its classes are not those of the labels: \(parts.joined(separator: "; "))")
  }
}
