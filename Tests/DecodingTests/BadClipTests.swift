import Foundation
import FrameExchange
import TestSupport
import Testing
import Vocabulary
import WorkUnits

@Suite struct BadClipTests {
  private static let sampling = Sampling(rateNumerator: 3, frames: 45, side: 24)

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    /// Part of the reason that people read.
    var reason: String
    var make: @Sendable (URL) throws -> Data

    var testDescription: String { name }
  }

  private static func random(_ count: Int, seed: UInt64) -> Data {
    var generator = SplitMix64(seed: seed)
    return Data((0..<count).map { _ in UInt8(generator.below(256)) })
  }

  private static func movie(_ name: String, _ options: [String] = [], in scratch: URL) throws -> Data {
    try Data(
      contentsOf: ClipMaker.counting(
        name, frames: 360, rate: "24", codec: ["-c:v", "libx264", "-g", "12"] + options, in: scratch))
  }

  static let unreadable = [
    Case(name: "zero bytes", reason: "empty file") { _ in Data() },
    Case(name: "one byte", reason: "not a video") { _ in Data([0]) },
    Case(name: "random bytes", reason: "not a video") { _ in random(100_000, seed: 1) },
    Case(name: "other random bytes", reason: "not a video") { _ in random(100_000, seed: 2) },
    Case(name: "zeros", reason: "not a video") { _ in Data(count: 100_000) },
    Case(name: "text", reason: "not a video") { _ in Data(String(repeating: "badger, 12:40, north\n", count: 500).utf8)
    },
    Case(name: "a picture", reason: "not a video") { scratch in
      try Data(contentsOf: ClipMaker.picture("picture.png", frames: 1, codec: [], in: scratch))
    },
    Case(name: "a list of other files", reason: "not a video") { _ in
      Data("ffconcat version 1.0\nfile /etc/passwd\n".utf8)
    },
    Case(name: "a playlist", reason: "not a video") { _ in
      Data("#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nhttp://127.0.0.1/x.ts\n#EXT-X-ENDLIST\n".utf8)
    },
    Case(name: "sound only", reason: "no video stream") { scratch in
      let file = scratch.appending(path: "sound.avi")
      try Command.run("ffmpeg", ["-loglevel", "error", "-f", "lavfi", "-i", "sine", "-t", "1", file.path])
      return try Data(contentsOf: file)
    },
    Case(name: "the index was never written", reason: "moov atom not found") { scratch in
      try movie("cut.mp4", in: scratch).prefix(5000)
    },
    Case(name: "a header and no more", reason: "its ") { scratch in
      try Data(contentsOf: ClipMaker.counting("x.avi", frames: 30, rate: "10", codec: ["-c:v", "mpeg4"], in: scratch))
        .prefix(2000)
    },
    Case(name: "a codec nobody needs", reason: "codec") { scratch in
      try Data(
        contentsOf: ClipMaker.counting("x.avi", frames: 30, rate: "10", codec: ["-c:v", "cinepak"], in: scratch))
    },
  ]

  @Test(arguments: unreadable) func whatIsNoVideoHasAReason(_ example: Case) throws {
    try Scratch.with { scratch in
      let file = scratch.appending(path: "clip.MP4")
      try example.make(scratch).write(to: file)
      let decoded = try Decoded(file, [Self.sampling])
      guard case .unreadable(let reason) = decoded.clip.outcome else {
        Issue.record("\(decoded.clip.outcome)")
        return
      }
      #expect(reason.contains(example.reason) && !reason.isEmpty)
      #expect(decoded.clip.facts == nil && decoded.clip.frames == [0] && !decoded.clip.short)
      #expect(decoded.frames[0].allSatisfy { $0 == 0xa5 }, "no pixel is invented")
    }
  }

  @Test(arguments: ["a FIFO", "a directory"]) func onlyFilesAreRead(_ kind: String) throws {
    try Scratch.with { scratch in
      let path = scratch.appending(path: "clip.avi")
      if kind == "a FIFO" { mkfifo(path.path, 0o600) } else { mkdir(path.path, 0o700) }
      let decoded = try Decoded(path, [Self.sampling])
      #expect(decoded.clip.outcome == .unreadable(reason: "not a regular file"))
    }
  }

  struct Cut: Sendable, CustomTestStringConvertible {
    var name: String
    var options: [String]
    var testDescription: String { name }
  }

  static let cuts = [
    Cut(name: "cut.mp4", options: ["-movflags", "faststart"]),
    Cut(name: "cut.avi", options: ["-c:v", "mpeg4", "-q:v", "2"]),
    Cut(name: "cut.mov", options: ["-c:v", "mjpeg", "-movflags", "faststart"]),
    Cut(name: "cut.asf", options: ["-c:v", "msmpeg4", "-q:v", "2"]), Cut(name: "cut.mkv", options: []),
  ]

  /// What came before the cut is used, the last of it is repeated, and the reason says so.
  @Test(arguments: cuts) func truncatedClipsKeepWhatTheyHave(_ cut: Cut) throws {
    try Scratch.with { scratch in
      let data = try Self.movie(cut.name, cut.options, in: scratch)
      let file = scratch.appending(path: cut.name)
      try data.prefix(data.count * 2 / 3).write(to: file)
      let decoded = try Decoded(file, [Self.sampling])
      let last = try #require(decoded.clip.facts).decodedFrames - 1
      #expect((60..<340).contains(last))
      let numbers = decoded.numbers()
      #expect(numbers.prefix(8) == [0, 8, 16, 24, 32, 40, 48, 56])
      // A frame that others are predicted from stands before them in the file, and may have survived alone.
      #expect(numbers.allSatisfy { $0 <= last + 4 } && numbers == numbers.sorted())
      if cut.name != "cut.mkv", cut.name != "cut.asf" {
        guard case .partial(last + 1, let reason) = decoded.clip.outcome else {
          Issue.record("\(decoded.clip.outcome)")
          return
        }
        #expect(!reason.isEmpty)
      }
      #expect(decoded.clip.short)
    }
  }

  /// One damaged frame costs that frame, not the clip.
  @Test func damageInTheMiddle() throws {
    try Scratch.with { scratch in
      let clip = try ClipMaker.counting("ok.avi", frames: 120, rate: "12", codec: ["-c:v", "mjpeg"], in: scratch)
      var data = try Data(contentsOf: clip)
      // The 41st JPEG loses its beginning.
      let starts = data.indices.filter { data[$0...].starts(with: [0xff, 0xd8, 0xff]) }
      for offset in 0..<200 { data[starts[40] + offset] = 0 }
      let file = scratch.appending(path: "damaged.avi")
      try data.write(to: file)
      let decoded = try Decoded(file, [Sampling(rateNumerator: 3, frames: 30, side: 24)])
      let reason = try #require(decoded.reason)
      #expect(reason.contains("a frame could not be decoded, first after frame 40"))
      #expect(decoded.clip.outcome == .partial(frames: 116, reason: reason))
      #expect(decoded.numbers() == (0..<30).map { $0 == 10 ? 39 : $0 * 4 })
      #expect(!decoded.clip.short)
    }
  }

  /// Another size from one frame to the next: the scaler follows.
  @Test func sizeChangesOnTheWay() throws {
    try Scratch.with { scratch in
      var data = Data()
      for (name, size) in [("a.ts", "96x64"), ("b.ts", "160x120"), ("c.ts", "48x200")] {
        data += try Data(
          contentsOf: ClipMaker.picture(name, frames: 20, size: size, codec: ["-c:v", "mpeg2video"], in: scratch))
      }
      let file = scratch.appending(path: "changing.ts")
      try data.write(to: file)
      let decoded = try Decoded(file, [Sampling(rateNumerator: 10, frames: 60, side: 32)])
      #expect(decoded.clip.frames == [60])
      #expect(try #require(decoded.clip.facts).decodedFrames >= 55)
    }
  }

  /// Whatever the bytes: an answer that holds together, the same twice.
  @Test(arguments: ["a.mp4", "a.avi", "a.asf", "a.mkv", "a.mov"]) func mutants(_ name: String) throws {
    let codecs = ["a.mp4": "libx264", "a.avi": "mpeg4", "a.asf": "msmpeg4", "a.mkv": "libx264", "a.mov": "mjpeg"]
    try Scratch.with { scratch in
      let codec = ["-c:v", try #require(codecs[name])]
      let seed = try Data(contentsOf: ClipMaker.counting(name, frames: 40, rate: "10", codec: codec, in: scratch))
      var generator = SplitMix64(seed: 5)
      for round in 0..<25 {
        var data = seed
        for _ in 0...round { data[generator.below(round % 2 == 0 ? 600 : data.count)] = UInt8(generator.below(256)) }
        let file = scratch.appending(path: "mutant")
        try data.write(to: file)
        let first = try Decoded(file, [Self.sampling], micro: .standard)
        let second = try Decoded(file, [Self.sampling], micro: .standard)
        #expect(first.clip == second.clip && first.frames == second.frames && first.micro == second.micro)
        let without = try Decoded(file, [Self.sampling])
        #expect(first.clip.frames == without.clip.frames && first.frames == without.frames)
        #expect(first.clip.short == without.clip.short)
        let micro = first.micro.map { MicroClip($0, format: .standard) }
        #expect(first.clip.outcome.hasFrames ? micro != .some(nil) && micro != nil : micro == nil)
        #expect(first.clip.frames == [first.clip.outcome.hasFrames ? Self.sampling.frames : 0])
      }
    }
  }
}
