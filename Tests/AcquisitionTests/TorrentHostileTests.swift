import Acquisition
import Foundation
import TestSupport
import Testing
import Vocabulary

/// .torrent files that no honest tool makes. Each is refused with its reason, or what it names lies below the payload.
@Suite(.timeLimit(.minutes(10))) struct TorrentHostileTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var bytes: @Sendable () -> [UInt8]
    /// The names that are left; nil when it must be refused.
    var names: [String]?

    init(_ name: String, names: [String]? = nil, _ bytes: @autoclosure @escaping @Sendable () -> [UInt8]) {
      testDescription = name
      self.names = names
      self.bytes = bytes
    }
  }

  static let cases: [Case] = [
    Case("an empty file", []),
    Case("a web page", Array("<html><body>not found</body></html>".utf8)),
    Case("a list", Array("le".utf8)),
    Case("no info", Bencode.dictionary([("announce", .text("http://a"))]).bytes),
    Case("cut in the middle", Array(torrent(files: [["a"]]).dropLast(30))),
    Case("deeper than any stack", Array(repeating: UInt8(ascii: "l"), count: 100_000)),
    Case("a string longer than the file", Array("d4:info99999999999999999999:".utf8)),
    Case("an integer without an end", Array("d4:infoi99999".utf8)),
    Case("one that is good", names: ["t/a"], torrent(files: [["a"]])),
    Case("a step up", names: ["t/etc/passwd"], torrent(files: [["..", "..", "etc", "passwd"]])),
    Case("a slash in a part", names: nil, torrent(name: "/etc", files: [["cron.d/x"]], pieceLength: 0)),
    Case("no piece length", torrent(files: [["a"]], pieceLength: 0)),
    Case("a negative piece length", torrent(files: [["a"]], pieceLength: -16384)),
    Case("pieces of 4 GiB", torrent(files: [["a"]], pieceLength: 1 << 32)),
    Case("a negative file", torrent(files: [["a"]], length: -1)),
    Case("a file of 8 EiB", torrent(files: [["a"]], length: .max)),
    Case("fewer hashes than pieces", torrent(files: [["a"]], length: 1 << 20)),
    Case("hashes of another length", torrent(files: [["a"]], hashBytes: 19)),
    Case("no files", torrent(files: [])),
  ]

  /// Whatever libtorrent makes of these names, none is outside and no two are one.
  static let names: [[[String]]] = [
    [["a"], ["a"]], [["a"], ["a", "b"]], [["a", "b"], ["a"]], [["A"], ["a"]], [["."], ["a"]], [[""], ["b"]],
    [["/", "etc"], ["c"]], [["\\..\\x"], ["d"]], [["a\0b"], ["e"]], [["C:", "x"], ["f"]], [["..."], ["g"]],
    [[String(repeating: "n", count: 4000)], ["h"]], [Array(repeating: "deep", count: 500), ["i"]],
    [["\u{202E}txt.exe"], ["j"]], [["a/../../b"], ["k"]], [["....//....//x"], ["l"]],
  ]

  @Test(arguments: cases) func judged(one: Case) async throws {
    let outcome = try await outcome(one.bytes())
    switch outcome {
    case .failure(let error):
      #expect(one.names == nil, "\(error)")
      #expect(error.isPermanent && error.description.contains("evil.torrent"), "\(error)")
    case .success(let names): #expect(names == one.names)
    }
  }

  @Test(arguments: names) func everyNameStaysInside(files: [[String]]) async throws {
    for root in ["t", "..", "/", "/tmp", ".", ""] {
      switch try await outcome(Self.torrent(name: root, files: files)) {
      case .failure(let error): #expect(error.isPermanent)
      case .success(let names):
        #expect(Set(names).count == names.count)
        for name in names {
          #expect(!name.hasPrefix("/") && !name.split(separator: "/").contains { $0 == ".." || $0 == "." }, "\(name)")
        }
      }
    }
  }

  @Test func aHundredThousandFiles() async throws {
    let files = (0..<100_000).map { ["d\($0 % 100)", "f\($0)"] }
    let names = try await outcome(Self.torrent(files: files, length: 1)).get()
    #expect(names.count == 100_000)
  }

  /// The names of the torrent's files, or why it is refused.
  private func outcome(_ bytes: [UInt8]) async throws -> Result<[String], AcquisitionError> {
    try await Scratch.with { directory in
      let file = directory.appending(path: "evil.torrent")
      try Data(bytes).write(to: file)
      let fixture = TorrentFixture(directory: directory)
      let seen = Seen()
      do {
        try await fixture.fetch(fixture.source(file.path), TorrentFixture.options()) { status, _ in
          seen.note(status)
          return status.files.isEmpty
        }
      } catch let error as AcquisitionError {
        return .failure(error)
      } catch is CancellationError {}
      let outside = try FileManager.default.contentsOfDirectory(atPath: fixture.folder.path)
      #expect(Set(outside).isSubset(of: ["payload", "torrent.resume"]))
      return .success(seen.last.files.map(\.name.display))
    }
  }

  static func torrent(
    name: String = "t", files: [[String]], length: Int64 = 100, pieceLength: Int64 = 16384, hashBytes: Int = 20
  ) -> [UInt8] {
    let list = files.map { path in
      Bencode.dictionary([("length", .integer(length)), ("path", .list(path.map { .text($0) }))])
    }
    let total = length == 100 || length == 1 ? Int64(files.count) * length : 100
    let pieces = max(1, Int((total + 16383) / 16384))
    let info = Bencode.dictionary([
      ("files", .list(list)), ("name", .text(name)), ("piece length", .integer(pieceLength)),
      ("pieces", .text(String(repeating: "x", count: pieces * hashBytes))),
    ])
    return Bencode.dictionary([("info", info)]).bytes
  }
}

/// As BEP 3 has it.
indirect enum Bencode: Sendable {
  case integer(Int64)
  case text(String)
  case list([Bencode])
  case dictionary([(String, Bencode)])

  var bytes: [UInt8] {
    switch self {
    case .integer(let value): Array("i\(value)e".utf8)
    case .text(let text): Array("\(text.utf8.count):\(text)".utf8)
    case .list(let items): [UInt8(ascii: "l")] + items.flatMap(\.bytes) + [UInt8(ascii: "e")]
    case .dictionary(let pairs):
      [UInt8(ascii: "d")] + pairs.flatMap { Bencode.text($0.0).bytes + $0.1.bytes } + [UInt8(ascii: "e")]
    }
  }
}
