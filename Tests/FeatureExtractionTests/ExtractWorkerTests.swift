import FeatureExtraction
import Foundation
import TensorFiles
import TestSupport
import Testing
import Vocabulary
import WorkUnits

/// With the real, confined decoder.
@Suite struct ExtractWorkerTests {
  /// Clips of many kinds, told apart by their colour.
  private static func colours(in scratch: URL) throws -> [(file: ClipFile, grey: Float)] {
    let kinds = [
      ("a.mp4", "libx264"), ("b.avi", "mpeg4"), ("c.asf", "msmpeg4"), ("d.mov", "mjpeg"), ("e.webm", "libvpx-vp9"),
      ("f.mkv", "libx265"), ("g.ts", "mpeg2video"), ("h.wmv", "wmv2"), ("i.webm", "libvpx"), ("j.mp4", "libaom-av1"),
    ]
    return try kinds.enumerated().map { index, kind in
      let grey = 20 + 20 * index
      let file = scratch.appending(path: kind.0)
      let source = "color=0x\(String(repeating: String(grey, radix: 16), count: 3)):s=64x48:r=6"
      let speed = kind.1 == "libaom-av1" ? ["-cpu-used", "8"] : []
      try Command.run(
        "ffmpeg",
        ["-loglevel", "error", "-f", "lavfi", "-i", source, "-frames:v", "30", "-c:v", kind.1] + speed + [file.path])
      return (try clip(file), Float(grey))
    }
  }

  @Test func featuresAreThoseOfTheirClip() throws {
    try Scratch.with { scratch in
      let clips = try Self.colours(in: scratch)
      let extracted = try Extracted(clips.map(\.file), in: scratch)
      #expect(extracted.ledger.entries.map(\.clip) == clips.map(\.file.clip).sorted())
      #expect(extracted.ledger.entries.allSatisfy { $0.outcome == .decoded && $0.facts != nil && !$0.short })
      for (index, shard) in extracted.shards.enumerated() {
        let shard = try #require(shard)
        #expect(shard.names == clips.map(\.file.clip.digest.hex).sorted())
        for (file, grey) in clips {
          let tensor = try shard.tensor(file.clip.digest.hex)
          #expect(tensor.type == .float16 && tensor.shape == [Extracted.samplings[index].frames, 3])
          #expect(tensor.floats.allSatisfy { abs($0 - grey) < 4 }, "\(file.path)")
        }
      }
    }
  }

  /// A clip's features depend on the clip alone; a unit's files on its clips alone.
  @Test func companyAndOrderDoNotMatter() throws {
    try Scratch.with { scratch in
      let clips = try Self.colours(in: scratch).map(\.file).prefix(4)
      let once = try Extracted(Array(clips), in: scratch)
      let again = try Extracted(clips.reversed() + clips, in: scratch)
      #expect(once.files == again.files)
      let alone = try Extracted([clips[1]], in: scratch)
      for (shard, of) in zip(alone.shards, once.shards) {
        let name = clips[1].clip.digest.hex
        #expect(try #require(shard).tensor(name).floats == #require(of).tensor(name).floats)
      }
    }
  }

  @Test func badClipsAreReportedAndTheOthersGoOn() throws {
    try Scratch.with { scratch in
      let empty = scratch.appending(path: "empty.avi")
      try Data().write(to: empty)
      let noise = scratch.appending(path: "noise.mp4")
      var generator = SplitMix64(seed: 3)
      try Data((0..<5000).map { _ in UInt8(generator.below(256)) }).write(to: noise)
      let good = try ClipMaker.counting("ï good.AVI", frames: 24, rate: "6", codec: ["-c:v", "mpeg4"], in: scratch)
      let clips = try [empty, noise, good].map(clip)
      let extracted = try Extracted(clips, in: scratch)
      #expect(extracted.outcome(clips[0]) == .unreadable(reason: "empty file"))
      #expect(extracted.outcome(clips[1])?.hasFrames == false)
      #expect(extracted.outcome(clips[2]) == .decoded)
      #expect(extracted.shards.allSatisfy { $0?.names == [clips[2].clip.digest.hex] })

      let none = try Extracted(Array(clips.prefix(2)), in: scratch)
      #expect(none.files.keys.sorted() == [ExtractSpec.ledgerName])
      #expect(none.ledger.shards.map(\.index) == [0, 1])
    }
  }

  /// A file that is not its clip any more says nothing of the clip: no entry, so it stays to be extracted.
  @Test func filesThatChangedAreLeftOut() throws {
    try Scratch.with { scratch in
      let good = try clip(
        ClipMaker.counting("good.avi", frames: 24, rate: "6", codec: ["-c:v", "mpeg4"], in: scratch))
      func file(_ name: String, _ make: (URL) throws -> Void) throws -> ClipFile {
        let url = scratch.appending(path: name)
        try Data(name.utf8).write(to: url)
        let file = try clip(url)
        try FileManager.default.removeItem(at: url)
        try make(url)
        return file
      }
      let gone = try [
        file("gone.avi") { _ in }, file("other.avi") { try Data("other.AVI".utf8).write(to: $0) },
        file("longer.avi") { try Data("longer.avi.".utf8).write(to: $0) }, file("fifo.avi") { mkfifo($0.path, 0o600) },
        file("link.avi") {
          try FileManager.default.createSymbolicLink(atPath: $0.path, withDestinationPath: good.path.display)
        },
      ]
      let extracted = try Extracted(gone + [good] + gone.map { $0 }, in: scratch)
      #expect(extracted.ledger.entries.map(\.clip) == [good.clip])
      for file in gone {
        let error = #expect(throws: WorkError.self) { _ = try Extracted([file], in: scratch) }
        #expect(error?.kind == .environment)
        #expect(error?.message.hasPrefix(file.path.display) == true)
      }
    }
  }

  @Test(arguments: [Float.nan, .infinity, 1e5]) func featuresThatNoShardCanHoldFailTheUnit(_ offset: Float) throws {
    try Scratch.with { scratch in
      let good = try clip(
        ClipMaker.counting("good.avi", frames: 24, rate: "6", codec: ["-c:v", "mpeg4"], in: scratch))
      let error = #expect(throws: WorkError.self) {
        _ = try Extracted([good], in: scratch) { FakeEngine(sampling: $0.backbone.sampling, offset: offset) }
      }
      #expect(error?.kind == .failure)
    }
  }
}
