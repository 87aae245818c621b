import Foundation
import Labelling
import Testing
import Vocabulary

struct SidecarTests {
  private func clip(_ number: UInt8) -> ClipID { ClipID(Digest(of: Data([number]))) }

  private func file(_ text: String, _ name: String) throws -> LabelFile {
    try LabelFile(bytes: Array(text.utf8), name: name)
  }

  /// `root/path` of each clip, in the order of their numbers.
  private func clips(_ paths: [(root: String, path: String)]) -> [SidecarLabels.File] {
    paths.enumerated().map { (BytePath($1.root), BytePath($1.path), clip(UInt8($0))) }
  }

  private func digits(_ merged: MergedLabels, _ count: Int) -> [String] {
    (0..<count).map { merged.labels[clip(UInt8($0))]?.digits ?? "-" }
  }

  @Test func namesAreRelativeToTheFilesOwnFolder() throws {
    let clips = clips([
      ("/in", "a.mp4"), ("/in", "sub/a.mp4"), ("/in", "sub/deep/b.mp4"), ("/in", "sub2/a.mp4"), ("/other", "sub/a.mp4"),
      ("/in", "sub-a.mp4"),
    ])
    var sidecars = SidecarLabels()
    sidecars.set(SidecarPlace(root: "/in", path: "sub/labels.csv"), try file("filename,x\na.mp4,1\nb.mp4,1\n", "s"))
    var merged = sidecars.merged(train: nil, classes: try ClassList(["x"]), clips: clips)
    #expect(digits(merged, 6) == ["-", "1", "1", "-", "-", "-"])
    #expect(merged.sidecarClips == [clip(1), clip(2)])
    sidecars.set(
      SidecarPlace(root: "/in", path: "sub/labels.csv"), try file("filename,x\ndeep/b.mp4,1\nc.mp4,0\n", "s"))
    merged = sidecars.merged(train: nil, classes: try ClassList(["x"]), clips: clips)
    #expect(digits(merged, 6) == ["-", "-", "1", "-", "-", "-"])
    #expect(merged.unknown.map { "\($0.file) \($0.row.name)" } == ["s c.mp4"])
  }

  /// Whatever comes first in time, what counts is: the configured file, then folder and path by their bytes.
  @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 2, 0]]) func theOrderOfArrivalDoesNotMatter(order: [Int]) throws {
    let clips = clips([("/in", "a.mp4"), ("/in", "b.mp4"), ("/in", "c.mp4")])
    let texts = [
      ("A.csv", "filename,x,y\na.mp4,1,0\n"), ("a.csv", "filename,x,y\na.mp4,0,1\nb.mp4,0,1\n"),
      ("b.csv", "filename,x,y\nb.mp4,1,1\nc.mp4,1,1\n"),
    ]
    var sidecars = SidecarLabels()
    for index in order {
      let (name, text) = texts[index]
      sidecars.set(SidecarPlace(root: "/in", path: BytePath(name)), try file(text, name))
    }
    let classes = try #require(sidecars.classes)
    var merged = sidecars.merged(train: nil, classes: classes, clips: clips)
    #expect(digits(merged, 3) == ["10", "01", "11"])
    #expect(
      merged.conflicts == [
        "a.csv:2: a.mp4: labelled otherwise by A.csv:2, which is used",
        "b.csv:2: b.mp4: labelled otherwise by a.csv:3, which is used",
      ])
    let train = try file("filename,x,y\nc.mp4,0,0\n", "train.csv")
    merged = sidecars.merged(train: train, classes: train.classes, clips: clips)
    #expect(digits(merged, 3) == ["10", "01", "00"])
    #expect(merged.conflicts.last == "b.csv:3: c.mp4: labelled otherwise by train.csv:2, which is used")
    // One that goes takes its labels and its objections with it.
    sidecars.set(SidecarPlace(root: "/in", path: "A.csv"), nil)
    merged = sidecars.merged(train: nil, classes: classes, clips: clips)
    #expect(digits(merged, 3) == ["01", "01", "11"] && merged.conflicts.count == 1)
  }

  @Test func classesMayStandInAnotherOrderAndMustBeTheSame() throws {
    let clips = clips([("/in", "a.mp4"), ("/in", "b.mp4"), ("/in", "c.mp4")])
    var sidecars = SidecarLabels()
    sidecars.set(SidecarPlace(root: "/in", path: "1.csv"), try file("filename,x,y\na.mp4,1,0\n", "1.csv"))
    sidecars.set(SidecarPlace(root: "/in", path: "2.csv"), try file("y,filename,x\n0,b.mp4,1\n", "2.csv"))
    sidecars.set(SidecarPlace(root: "/in", path: "3.csv"), try file("filename,x,z\nc.mp4,1,0\n", "3.csv"))
    #expect(sidecars.classes?.names == ["x", "y"])
    let merged = sidecars.merged(train: nil, classes: try ClassList(["x", "y"]), clips: clips)
    #expect(digits(merged, 3) == ["10", "10", "-"])
    #expect(merged.conflicts.count == 1)
    for words in ["3.csv", "not those of the labels", "it has z", "it lacks y"] {
      #expect(merged.conflicts.first?.contains(words) == true)
    }
  }

  /// The same video under two names.
  @Test func copiesOfAClipAreOneClip() throws {
    let twice: [SidecarLabels.File] = [("/in", "a.mp4", clip(0)), ("/in", "copy/b.mp4", clip(0))]
    var sidecars = SidecarLabels()
    sidecars.set(SidecarPlace(root: "/in", path: "1.csv"), try file("filename,x\na.mp4,1\n", "1.csv"))
    sidecars.set(SidecarPlace(root: "/in", path: "copy/1.csv"), try file("filename,x\nb.mp4,0\n", "copy/1.csv"))
    let merged = sidecars.merged(train: nil, classes: try ClassList(["x"]), clips: twice)
    #expect(digits(merged, 1) == ["1"] && merged.conflicts.count == 1)
  }

  enum Kind: Sendable { case labels, other, wrong }

  @Test(arguments: [
    ("filename,x\na.mp4,1\n", Kind.labels, ""), ("filename,x\n", .labels, ""), ("filename,x\na.mp4,0\n", .labels, ""),
    ("filename,x\na.mp4,1\nb.mp4,?\n", .labels, ""),
    ("date,who\n2026-01-01,me\n", .other, "no column filename"), ("", .other, "is empty"), ("\"open", .other, "quote"),
    ("filename,x,y\na.mp4,0.4,0.6\nb.mp4,0.1,0.9\n", .other, "expected 0 or 1"),
    ("filename,x,y\na.mp4,0,0\nb.mp4,0,0\n", .other, "finds no class in any clip"),
    ("filename,x,x\na.mp4,1,0\n", .wrong, "stands twice"), ("filename\na.mp4\n", .wrong, "names no class"),
    ("filename,x\na,1\nb,1\nc,1\nd,1\n", .wrong, "more than 3 rows"),
  ]) func whatACSVIs(text: String, kind: Kind, words: String) {
    switch SidecarReading(bytes: Array(text.utf8), name: "notes.csv", rowLimit: 3) {
    case .labels: #expect(kind == .labels)
    case .other(let reason):
      #expect(kind == .other && reason.contains(words) && reason.contains("notes.csv"), "\(reason)")
    case .wrong(let reason):
      #expect(kind == .wrong && reason.contains(words) && reason.contains("notes.csv"), "\(reason)")
    }
  }

  @Test func bytesOfEveryKindAreNoLabels() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<500 {
      let bytes = (0..<Int(random.next() % 300)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      if case .labels = SidecarReading(bytes: bytes, name: "x.csv") { Issue.record("\(bytes)") }
    }
  }
}
