import Testing
import Unpacking
import Vocabulary
import WorkUnits

struct MemberPathTests {
  private static let long = String(repeating: "x", count: 255)

  @Test(arguments: [
    ("a.mp4", "a.mp4"), ("a/b/c.mp4", "a/b/c.mp4"), ("./a.mp4", "a.mp4"), ("a//b/./c.mp4", "a/b/c.mp4"),
    ("a/..b/c..d/...mp4", "a/..b/c..d/...mp4"), ("Taï/x y.AVI", "Taï/x y.AVI"), ("a\\b.mp4", "a\\b.mp4"),
    ("C:x.mp4", "C:x.mp4"), (long, long), ("-rf", "-rf"), ("a\nb", "a\nb"), ("\u{1B}[31m", "\u{1B}[31m"),
  ]) func plainNamesAreTaken(name: String, path: String) {
    #expect(MemberPath.judge(Array(name.utf8), isZip: false, limits: UnpackLimits()) == .accepted(BytePath(path)))
  }

  @Test(arguments: [
    ("", "no name"), (".", "no name"), ("./", "no name"), ("///", "root"), ("/etc/passwd", "root"),
    ("../x", "\"..\""), ("a/../../x", "\"..\""), ("a/..", "\"..\""), ("..\\x", "\"..\""), ("a\\..\\x", "\"..\""),
    ("a\0b", "NUL"), (long + "x", "more than 255"), (String(repeating: "a/", count: 513), "more than 1024"),
    (String(repeating: "a/", count: 65), "more than 64"),
    ("__MACOSX/a.mp4", "macOS"), ("a/._b.mp4", "macOS"), (".DS_Store", "macOS"), ("a/Thumbs.db", "Windows"),
  ]) func othersAreRefused(name: String, reason: String) {
    guard case .refused(let got) = MemberPath.judge(Array(name.utf8), isZip: false, limits: UnpackLimits()) else {
      Issue.record("\(name) is taken")
      return
    }
    #expect(got.contains(reason), "\(got)")
  }

  @Test(arguments: [
    ("a\\b.mp4", MemberPath.Verdict.accepted("a/b.mp4")),
    ("C:\\x.mp4", .refused("its name begins with a drive")),
    ("\\x.mp4", .refused("its name begins at the root")),
    ("a\\..\\..\\x", .refused("its name leads out of the archive by \"..\"")),
  ]) func zipFilesMayComeFromWindows(name: String, verdict: MemberPath.Verdict) {
    #expect(MemberPath.judge(Array(name.utf8), isZip: true, limits: UnpackLimits()) == verdict)
  }

  @Test func bytesThatAreNotUTF8AreKept() {
    let name: [UInt8] = [0x54, 0x61, 0xEF, 0x2E, 0x6D, 0x70, 0x34]
    #expect(MemberPath.judge(name, isZip: true, limits: UnpackLimits()) == .accepted(BytePath(bytes: name)))
  }
}
