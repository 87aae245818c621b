import Labelling
import Testing
import Vocabulary

private func clip(_ number: UInt8) -> ClipID { ClipID(Digest(of: [number])) }

struct NameIndexTests {
  /// `ï` as one character and as two.
  private static let composed = "Ta\u{EF}", decomposed = "Tai\u{308}"

  private let index = NameIndex([
    ("a/one.mp4", clip(1)), ("b/two.mp4", clip(2)), ("c/two.mp4", clip(3)), ("two.mp4", clip(4)),
    ("d/copy.mp4", clip(5)), ("e/copy.mp4", clip(5)), ("f/g/deep.mp4", clip(6)), ("h/g/deep.mp4", clip(7)),
    (BytePath("\(decomposed)/x.avi"), clip(8)), (BytePath("s/\(composed) y.avi"), clip(9)),
    ("r/same.mp4", clip(10)), ("r/same.mp4", clip(11)), (BytePath(bytes: [0x54, 0xEF]), clip(12)),
  ])

  private static let cases: [(BytePath, NameMatch)] = [
    ("a/one.mp4", .clip(clip(1))),
    ("one.mp4", .clip(clip(1))),
    ("ONE.mp4", .unknown),
    ("ne.mp4", .unknown),
    ("x/one.mp4", .unknown),
    ("b/two.mp4", .clip(clip(2))),
    // The path itself goes before the ends of others.
    ("two.mp4", .clip(clip(4))),
    ("copy.mp4", .clip(clip(5))),
    ("g/deep.mp4", .ambiguous(["f/g/deep.mp4", "h/g/deep.mp4"])),
    ("h/g/deep.mp4", .clip(clip(7))),
    (BytePath("\(composed)/x.avi"), .clip(clip(8))),
    (BytePath("\(decomposed)/x.avi"), .clip(clip(8))),
    (BytePath("\(decomposed) y.avi"), .clip(clip(9))),
    ("r/same.mp4", .ambiguous(["r/same.mp4", "r/same.mp4"])),
    (BytePath(bytes: [0x54, 0xEF]), .clip(clip(12))),
    (BytePath(bytes: [0x54, 0xEE]), .unknown),
    ("", .unknown), ("/", .unknown), ("/a/one.mp4", .unknown),
  ]

  @Test(arguments: cases) func find(name: BytePath, expected: NameMatch) { #expect(index.find(name) == expected) }
}

struct LabelMatchTests {
  private let index = NameIndex([
    ("a/x.mp4", clip(1)), ("b/x.mp4", clip(2)), ("c/y.mp4", clip(3)), ("d/z.mp4", clip(3)),
  ])

  private func match(_ rows: String) throws -> LabelMatch {
    LabelMatch(try LabelFile(bytes: Array("filename,bird,hog\n\(rows)".utf8), name: "labels.csv"), index)
  }

  @Test func goodRowsAreUsedWhateverTheOthersAre() throws {
    let match = try match("a/x.mp4,1,0\nx.mp4,0,1\nnowhere.mp4,1,0\ny.mp4,0,1\nz.mp4,1,0\n")
    #expect(match.labels == [clip(1): Labels([true, false]), clip(3): Labels([false, true])])
    #expect(match.unknown.map { "\($0.name) \($0.line)" } == ["nowhere.mp4 4"])
    #expect(match.conflicts.count == 2)
    for word in ["labels.csv:3", "x.mp4", "2 files", "a/x.mp4, b/x.mp4"] {
      #expect(match.conflicts.first?.contains(word) == true, "\(match.conflicts)")
    }
    for word in ["labels.csv:6", "z.mp4", "y.mp4", "line 5 is used"] {
      #expect(match.conflicts.last?.contains(word) == true, "\(match.conflicts)")
    }
  }

  @Test func theSameVideoUnderTwoNamesMayHaveTheSameLabels() throws {
    let match = try match("y.mp4,1,0\nz.mp4,1,0\n")
    #expect(match.labels == [clip(3): Labels([true, false])])
    #expect(match.conflicts.isEmpty)
  }
}

struct SubmissionFormatTests {
  private func read(_ text: String, classes: [String]? = ["bird", "hog"]) throws -> SubmissionFormat {
    try SubmissionFormat(bytes: Array(text.utf8), name: "format.csv", classes: try classes.map { try ClassList($0) })
  }

  @Test func orderIsThatOfTheFile() throws {
    let format = try read("filename,hog,bird\r\nz.mp4,0,0\r\n\"a, b.mp4\",0,0\r\nTaï/c.mp4,,\r\n")
    #expect(format.classes.names == ["hog", "bird"])
    #expect(format.names == ["z.mp4", "a, b.mp4", "Taï/c.mp4"])
    #expect(format.problems.isEmpty)
  }

  @Test func oddRowsAreToldAndTheOthersKept() throws {
    let format = try read("filename,hog,bird\na.mp4,0,0\na.mp4,0,0\n,0,0\nb, c.mp4,0,0\nd.mp4\n\"e\nf.mp4,0,0\n")
    #expect(format.names == ["a.mp4", "b", "d.mp4", "f.mp4"])
    #expect(format.problems.map(\.line) == [3, 4, 5, 6, 7])
    #expect(format.problems[0].message.contains("twice"))
    #expect(format.problems[2].message.contains("4 columns"))
  }

  @Test(arguments: [
    ("filename,bird\n", ["format.csv", "lacks hog"]),
    ("filename,bird,hog,lion\n", ["format.csv", "lion"]),
    ("filename,bird,lion\n", ["lion", "lacks hog"]),
    ("bird,hog\n", ["format.csv:1", "no column filename"]),
  ]) func formatsThatDoNotFit(text: String, words: [String]) {
    let error = #expect(throws: TableError.self) { try read(text) }
    for word in words { #expect(error?.description.contains(word) == true, "\(String(describing: error))") }
  }

  @Test func withoutLabelsAnyClassesWillDo() throws {
    #expect(try read("filename,x\na.mp4,0\n", classes: nil).classes.names == ["x"])
  }
}
