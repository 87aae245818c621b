import Testing
import Vocabulary
import Watching

struct ClipSuffixTests {
  @Test(arguments: [
    "a.mp4", "A.MP4", "Taï clip.AVI", "x.Asf", "a.b.mov", "folder.d/a.mkv", "a.mts", "a.3gp", "a.wmv", "a.webm",
    "part.mp4", "tmp.avi", "a.part2.mp4", "copy of a~1.mp4", "a.sync-conflict-20260101-120000-ABCDEFG.mp4", "~a.mp4",
  ]) func clips(name: String) { #expect(ClipSuffix.isClip(BytePath(name))) }

  @Test(arguments: ["a", "mp4", ".mp4", "a.", "a.jpg", "a.csv", "", "a.mp4.", "a.mp4 ", "a.mp4:Zone.Identifier"])
  func others(name: String) { #expect(!ClipSuffix.isClip(BytePath(name))) }

  @Test func aTrailingSlashIsNoPartOfAName() { #expect(ClipSuffix.isClip("a.mp4/")) }

  @Test func namesNeedNotBeUTF8() {
    #expect(ClipSuffix.isClip(BytePath(bytes: [0xEF] + Array(".avi".utf8))))
    #expect(!ClipSuffix.isClip(BytePath(bytes: Array("a.av".utf8) + [0xEF])))
  }

  /// A file in the making, and the program whose habit it is.
  @Test(arguments: [
    (".a.mp4.Xa91zQ", "rsync"), (".a.mp4", "rsync"), ("sub/.in.a.mp4", "lftp"), (".syncthing.a.mp4.tmp", "Syncthing"),
    ("~syncthing~a.mp4.tmp", "Syncthing"), ("._a.mp4", "macOS"), ("a.mp4.part", "Firefox"),
    ("a.mp4.crdownload", "Chromium"), ("Unconfirmed 4711.crdownload", "Chromium"), ("a.mp4.download", "Safari"),
    ("a.mp4.opdownload", "Opera"), ("a.mp4.filepart", "WinSCP"), ("a.mp4.tmp", "copy tools"), ("~a.mp4.TMP", "copy"),
    ("a.mp4~", "back-up"), ("a.mp4.~1~", "back-up"), ("a.mp4.~tmp~", "back-up"), ("a.mp4.!qB", "qBittorrent"),
    ("a.mp4.!ut", "uTorrent"), ("a.mp4.bc!", "BitComet"), ("a.mp4.!sync", "Resilio"), ("a.mp4.aria2", "aria2"),
    ("a.mp4.st", "axel"), ("a.mp4.lftp-pget-status", "lftp"), ("~$a.mp4", "Windows"),
    ("a.mp4.5ab3c2d1.partial", "rclone"),
    ("a.temp.mp4", "yt-dlp"), ("a.tmp.mp4", "same"), ("a.part.mp4", "extension"), ("~$labels.csv", "Windows"),
  ]) func temporaryNames(name: String, owner: String) {
    #expect(TemporaryName.owner(BytePath(name))?.contains(owner) == true)
    #expect(!ClipSuffix.isClip(BytePath(name)) && !ClipSuffix.isTable(BytePath(name)))
  }

  @Test(arguments: [
    ("labels.csv", true), ("a/LABELS.CSV", true), ("labels.csv.part", false), (".labels.csv", false),
    (".~lock.labels.csv#", false), ("labels.tsv", false), ("csv", false), ("a.mp4", false),
  ]) func tables(name: String, isTable: Bool) { #expect(ClipSuffix.isTable(BytePath(name)) == isTable) }
}
