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

  /// A file that is not its clip any more says nothing of the clip: no entry, but that nothing was learnt.
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
      #expect(extracted.ledger.skips?.map(\.clip) == gone.map(\.clip).sorted())
      for file in gone {
        let alone = try Extracted([file], in: scratch)
        #expect(alone.files.keys.sorted() == [ExtractSpec.ledgerName] && alone.ledger.entries.isEmpty)
        #expect(alone.ledger.skips == extracted.ledger.skips?.filter { $0.clip == file.clip })
      }
    }
  }

  private static let useless = [Float.nan, .infinity, 1e5]

  /// The second clip's features are of no use to the second network.
  private static func spoilt(by offset: Float, _ grey: ClosedRange<Float>) -> (BackboneUse) -> FakeEngine {
    { use in
      FakeEngine(
        sampling: use.backbone.sampling, offset: use.backbone.name == "fake/1" ? offset : 0, spoilt: grey)
    }
  }

  @Test(arguments: useless) func aClipWithFeaturesThatNoShardCanHoldIsUnreadableAndTheOthersGoOn(
    _ offset: Float
  ) throws {
    try Scratch.with { scratch in
      let clips = try Self.colours(in: scratch).prefix(3).map(\.file)
      let extracted = try Extracted(clips, micro: .standard, in: scratch, engine: Self.spoilt(by: offset, 30...50))
      #expect(
        extracted.outcome(clips[1])
          == .unreadable(reason: "its features from fake/1 are not finite or too large for float16"))
      #expect(extracted.ledger.entries.first { $0.clip == clips[1].clip }?.facts == nil)
      let others = [clips[0], clips[2]]
      #expect(others.allSatisfy { extracted.outcome($0) == .decoded })
      let names = others.map(\.clip.digest.hex).sorted()
      #expect((extracted.shards + [extracted.micro]).allSatisfy { $0?.names == names })
    }
  }

  /// Then the network may be broken.
  @Test(arguments: useless, [1, 3]) func featuresThatNoShardCanHoldFailTheUnitThatHasNoOthers(
    _ offset: Float, count: Int
  ) throws {
    try Scratch.with { scratch in
      let clips = try Self.colours(in: scratch).prefix(count).map(\.file)
      let error = #expect(throws: WorkError.self) {
        _ = try Extracted(clips, in: scratch, engine: Self.spoilt(by: offset, 0...255))
      }
      #expect(error?.kind == .failure)
      #expect(error?.message.contains("fake/1") == true)
    }
  }

  @Test func whatMadeItIsWrittenDown() throws {
    try Scratch.with { scratch in
      let good = try clip(
        ClipMaker.counting("good.avi", frames: 24, rate: "6", codec: ["-c:v", "mpeg4"], in: scratch))
      let ledger = try Extracted([good], in: scratch).ledger
      #expect(ledger.decoder?.hasPrefix("FFmpeg ") == true)
      #expect(ledger.shards.map(\.runtime) == ["a stand-in 1.0", "a stand-in 1.0"])
    }
  }
}
