import Labelling
import Testing
import Vocabulary

struct LabelFileTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    var text: String
    /// `name digits line`
    var rows: [String]
    /// Line, and words that the message holds.
    var problems: [(Int, [String])] = []
    var testDescription: String { name }
  }

  private static let header = "filename,bird,blank,hog\n"

  @Test(arguments: [
    Case(name: "good", text: "a.mp4,1,0,0\nb.mp4,0,1,0\n", rows: ["a.mp4 100 2", "b.mp4 010 3"]),
    Case(name: "several classes", text: "a.mp4,1,0,1\n", rows: ["a.mp4 101 2"]),
    Case(name: "no class at all", text: "a.mp4,0,0,0\n", rows: ["a.mp4 000 2"]),
    Case(name: "numbers as spreadsheets write them", text: "a.mp4,1.0,0.0, 1 \n", rows: ["a.mp4 101 2"]),
    Case(name: "CRLF", text: "a.mp4,1,0,0\r\nb.mp4,0,1,0\r\n", rows: ["a.mp4 100 2", "b.mp4 010 3"]),
    Case(
      name: "names in quotes", text: "\"a, \"\"b\"\"\nc.mp4\",1,0,0\nd.mp4,0,1,0\n",
      rows: ["a, \"b\"\nc.mp4 100 2", "d.mp4 010 4"]),
    Case(name: "names beyond ASCII", text: "Taï/Taï clip.AVI,1,0,0\n", rows: ["Taï/Taï clip.AVI 100 2"]),
    Case(
      name: "columns", text: "a.mp4,1,0\nb.mp4,0,1,0\nc.mp4,0,1,0,1\n", rows: ["b.mp4 010 3"],
      problems: [(2, ["3 columns", "header has 4"]), (4, ["5 columns", "header has 4"])]),
    Case(
      name: "values", text: "a.mp4,2,0,0\nb.mp4,0,1,0\nc.mp4,0,yes,0\nd.mp4,,0,0\ne.mp4,0.5,0,0\n",
      rows: ["b.mp4 010 3"],
      problems: [
        (2, ["a.mp4", "\"bird\"", "\"2\""]), (4, ["c.mp4", "\"blank\"", "\"yes\""]), (5, ["d.mp4", "0 or 1"]),
        (6, ["e.mp4", "0.5"]),
      ]),
    Case(
      name: "duplicates", text: "a.mp4,1,0,0\na.mp4,1,0,0\na.mp4,0,1,0\n", rows: ["a.mp4 100 2"],
      problems: [(3, ["a.mp4", "line 2", "same labels"]), (4, ["a.mp4", "line 2", "other labels"])]),
    Case(
      name: "blank excludes the others", text: "a.mp4,1,1,0\nb.mp4,0,1,0\n", rows: ["b.mp4 010 3"],
      problems: [(2, ["a.mp4", "blank"])]),
    Case(name: "no name", text: ",1,0,0\nb.mp4,0,1,0\n", rows: ["b.mp4 010 3"], problems: [(2, ["no file name"])]),
    Case(
      name: "an open quote", text: "a.mp4,1,0,0\n\"b.mp4,0,1,0\nc.mp4,0,0,1\n", rows: ["a.mp4 100 2", "c.mp4 001 4"],
      problems: [(3, ["quote", "left out"])]),
  ]) func rows(table: Case) throws {
    let file = try LabelFile(bytes: Array((Self.header + table.text).utf8), name: "labels.csv")
    #expect(file.rows.map { "\($0.name) \($0.labels.digits) \($0.line)" } == table.rows)
    #expect(file.problems.map(\.line) == table.problems.map(\.0))
    for (problem, wanted) in zip(file.problems, table.problems) {
      for word in wanted.1 { #expect(problem.message.contains(word), "\(problem.message)") }
    }
  }

  @Test func theHeaderMayHaveAByteOrderMarkAndNamesAnywhere() throws {
    let file = try LabelFile(bytes: Array("\u{FEFF}bird, filename ,hog\n1,a.mp4,0\n".utf8), name: "labels.csv")
    #expect(file.classes.names == ["bird", "hog"])
    #expect(file.rows.map { "\($0.name) \($0.labels.digits)" } == ["a.mp4 10"])
  }

  @Test func aNameThatIsNotUTF8IsKeptAsItIs() throws {
    let file = try LabelFile(bytes: Array("filename,hog\n".utf8) + [0x54, 0xEF, 0x2C, 0x31, 0x0A], name: "labels.csv")
    #expect(file.rows.map(\.name) == [BytePath(bytes: [0x54, 0xEF])])
  }

  @Test(arguments: [
    ("", ["labels.csv", "empty", "filename"]),
    ("\n\n", ["labels.csv", "empty"]),
    ("name,bird\n", ["labels.csv:1", "no column filename", "\"name\""]),
    ("filename;bird;hog\n", ["labels.csv:1", "no column filename", "separated by commas"]),
    ("filename\n", ["labels.csv:1", "no class"]),
    ("filename,bird,\n", ["labels.csv:1", "no name"]),
    ("filename,bird,hog,bird\n", ["labels.csv:1", "\"bird\"", "twice"]),
    ("filename,bird,filename\n", ["labels.csv:1", "filename", "twice"]),
    ("\n\"filename,bird\n", ["labels.csv:2", "quote"]),
  ]) func headersThatAreNone(text: String, words: [String]) {
    let error = #expect(throws: TableError.self) { try LabelFile(bytes: Array(text.utf8), name: "labels.csv") }
    for word in words { #expect(error?.description.contains(word) == true, "\(String(describing: error))") }
  }

  @Test func aHeaderInAnotherEncodingIsNamed() {
    let utf16 = Array("filename,bird\n".utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
    let error = #expect(throws: TableError.self) { try LabelFile(bytes: [0xFF, 0xFE] + utf16, name: "labels.csv") }
    #expect(error?.description.contains("UTF-8") == true)
  }
}
