internal import Tables
package import Vocabulary

/// Which clips a submission holds, and in which order.
package struct SubmissionFormat: Sendable {
  /// In the order of the file's header.
  package private(set) var classes: ClassList
  /// In the order of the file, each once.
  package private(set) var names: [BytePath] = []
  package private(set) var problems: [TableProblem] = []

  /// - Parameter classes: those of the label file, in any order; nil when there is none to compare with.
  /// - Throws: `TableError` when the header is wrong, other classes are asked for, or the text is no table.
  package init(bytes: [UInt8], name file: String, classes: ClassList?) throws(TableError) {
    var reader = CSVReader(bytes)
    var names: [BytePath] = []
    var problems: [TableProblem] = []
    var known: Set<BytePath> = []
    let header: TableHeader
    do {
      header = try TableHeader(try reader.next(), file: file)
      while let record = try reader.next() {
        guard header.nameColumn < record.fields.count, !record.fields[header.nameColumn].isEmpty else {
          problems.append(TableProblem(line: record.line, message: "no file name; the row is left out"))
          continue
        }
        let name = BytePath(bytes: record.fields[header.nameColumn])
        if known.insert(name).inserted {
          names.append(name)
        } else {
          problems.append(TableProblem(line: record.line, message: "\(name): asked for twice; it gets one row"))
        }
      }
    } catch let error as CSVError {
      throw TableError("\(file):\(error.line): \(error.reason)")
    } catch let error as TableError {
      throw error
    } catch {
      throw TableError("\(file): \(error)")
    }
    if let classes { try Self.compare(header.classes, with: classes, file: file) }
    self.classes = header.classes
    self.names = names
    self.problems = problems
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
