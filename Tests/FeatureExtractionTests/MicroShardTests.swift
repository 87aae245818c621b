import FeatureExtraction
import Foundation
import TensorFiles
import TestSupport
import Testing
import Vocabulary
import WorkUnits

/// With the real decoder: x264 works without what its confinement takes away.
@Suite struct MicroShardTests {
  private static func clips(in scratch: URL) throws -> (good: [ClipFile], bad: ClipFile) {
    let empty = scratch.appending(path: "empty.avi")
    try Data().write(to: empty)
    let good = try [("a.avi", "mpeg4", 90), ("b.mp4", "libx264", 40), ("c.mov", "mjpeg", 4)].map {
      name, codec, frames in
      try clip(ClipMaker.counting(name, frames: frames, rate: "6", codec: ["-c:v", codec], in: scratch))
    }
    return (good, try clip(empty))
  }

  @Test func eachReadableClipHasOne() throws {
    try Scratch.with { scratch in
      let (good, bad) = try Self.clips(in: scratch)
      let extracted = try Extracted(good + [bad], micro: .standard, in: scratch)
      let shard = try #require(extracted.micro)
      #expect(shard.names == good.map(\.clip.digest.hex).sorted())
      #expect(extracted.ledger.micro == MicroFormat.standard.fingerprint)
      for entry in extracted.ledger.entries {
        guard let facts = entry.micro else {
          #expect(entry.clip == bad.clip)
          continue
        }
        let tensor = try shard.tensor(entry.clip.digest.hex)
        #expect(tensor.type == .uint8 && tensor.shape == [facts.bytes])
        // A film that others can play.
        let file = scratch.appending(path: "\(entry.clip.digest.short).mp4")
        try tensor.withUnsafeBytes { try Data($0).write(to: file) }
        let words = try Command.run(
          "ffprobe",
          [
            "-v", "error", "-count_frames", "-show_entries",
            "stream=codec_name,width,height,avg_frame_rate,nb_read_frames",
            "-of", "csv=p=0", file.path,
          ])
        #expect(String(decoding: words, as: UTF8.self) == "h264,64,64,2/1,\(facts.frames)\n")
      }
      #expect(extracted.ledger.entries.compactMap(\.micro?.frames).sorted() == [2, 14, 30])
    }
  }

  /// The other products are the same with and without it, and it the same with and without them, in any company.
  @Test func itDependsOnItsClipAlone() throws {
    try Scratch.with { scratch in
      let (good, _) = try Self.clips(in: scratch)
      let all = try Extracted(good, micro: .standard, in: scratch)
      let without = try Extracted(good, in: scratch)
      #expect(without.micro == nil && without.ledger.micro == nil)
      for index in all.shards.indices {
        #expect(all.files[ExtractSpec.shardName(index)] == without.files[ExtractSpec.shardName(index)])
      }
      let alone = try Extracted(good.reversed(), micro: .standard, samplings: [], in: scratch)
      #expect(alone.files[ExtractSpec.microName] == all.files[ExtractSpec.microName])
      #expect(alone.ledger.shards.isEmpty && alone.files.count == 2)
      let one = try Extracted([good[1]], micro: .standard, in: scratch)
      let name = good[1].clip.digest.hex
      #expect(try one.micro?.tensor(name).floats == all.micro?.tensor(name).floats)
    }
  }

  /// Without a network and a micro clip to make there are still the facts.
  @Test func aClipCanBeLookedAt() throws {
    try Scratch.with { scratch in
      let (good, bad) = try Self.clips(in: scratch)
      let extracted = try Extracted(good + [bad], samplings: [], in: scratch)
      #expect(extracted.files.keys.sorted() == [ExtractSpec.ledgerName])
      #expect(extracted.ledger.shards.isEmpty && extracted.ledger.micro == nil)
      let whole = try Extracted(good + [bad], micro: .standard, in: scratch)
      for (entry, known) in zip(extracted.ledger.entries, whole.ledger.entries) {
        #expect(entry.clip == known.clip && entry.outcome == known.outcome)
        #expect(entry.facts?.bitRate == known.facts?.bitRate && entry.facts?.frameCount == known.facts?.frameCount)
        #expect(entry.facts?.duration == known.facts?.duration && entry.micro == nil)
      }
    }
  }

  /// A decoder that says that it made more than it may is not believed, twice; its clip costs nobody else.
  @Test func aMicroClipThatIsTooLargeIsRefused() throws {
    try Scratch.with { scratch in
      let files = try ["large", "good"].map { word in
        let url = scratch.appending(path: word)
        try Data(word.utf8).write(to: url)
        return try clip(url)
      }
      let decoder = try FakeDecoder.write(
        """
        import struct
        def box(type, inside): return struct.pack('>I', len(inside) + 8) + type + inside
        index = box(b'stsz', struct.pack('>IIII', 0, 0, 1, 6))
        for name in [b'stbl', b'minf', b'mdia', b'trak', b'moov']: index = box(name, index)
        film = box(b'ftyp', b'isom') + box(b'mdat', b'123456') + index
        size = sum(each['frames'] * each['side'] ** 2 * 3 for each in ask['samplings'])
        start = half * ask['slot'] + size
        memory[start:start + len(film)] = film
        count = len(film)
        if os.pread(clip, 100, 0) == b'large': count = \(MicroFormat.standard.byteLimit + 1)
        frames = [each['frames'] for each in ask['samplings']]
        say({'reply': {'id': ask['id'], '_1': {'outcome': {'decoded': {}}, 'frames': frames, 'short': False, 'facts': facts, 'micro': count}}})
        """, in: scratch)
      let extracted = try Extracted(files, decoder: decoder, micro: .standard, in: scratch)
      #expect(
        extracted.outcome(files[0])
          == .unreadable(reason: "decoding it ended with an answer that does not add up"))
      #expect(extracted.outcome(files[1]) == .decoded)
      #expect(extracted.micro?.names == [files[1].clip.digest.hex])
    }
  }
}
