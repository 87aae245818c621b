import Decoding
import Foundation
import FrameExchange
import TestSupport
import Testing
import Vocabulary
import WorkUnits

@Suite struct MicroClipTests {
  private static let format = MicroFormat.standard
  /// Another rate and another side than the micro clip's.
  private static let sampling = Sampling(rateNumerator: 3, frames: 45, side: 40)

  /// What ffprobe says of a file's only stream.
  private struct Probe: Decodable {
    struct Stream: Decodable {
      var codecName: String
      var profile: String
      var width: Int
      var height: Int
      var pixFmt: String
      var rFrameRate: String
      var avgFrameRate: String
      var nbReadFrames: String
      var bitRate: String
      var duration: String
    }

    var streams: [Stream]
  }

  /// A micro clip as other programs see it: what ffprobe says, and its frames, RGB.
  private static func seen(_ micro: [UInt8], in scratch: URL) throws -> (stream: Probe.Stream, frames: [[UInt8]]) {
    let file = scratch.appending(path: "micro-\(UUID().uuidString).mp4")
    try Data(micro).write(to: file)
    let words = try Command.run(
      "ffprobe", ["-v", "error", "-count_frames", "-show_streams", "-of", "json", file.path])
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let streams = try decoder.decode(Probe.self, from: words).streams
    #expect(streams.count == 1)
    let pixels = [UInt8](
      try Command.run("ffmpeg", ["-v", "error", "-i", file.path, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]))
    let size = 64 * 64 * 3
    #expect(pixels.count % size == 0)
    let frames = stride(from: 0, to: pixels.count, by: size).map { Array(pixels[$0..<$0 + size]) }
    return (try #require(streams.first), frames)
  }

  private static func numbers(_ frames: [[UInt8]]) -> [Int] {
    frames.map { frame in frame.withUnsafeBytes { ClipMaker.number($0, side: 64) } }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var file: String
    var frames: Int
    var rate: (Int, Int)
    var codec: [String]
    /// Frames of the micro clip.
    var micro: Int

    var testDescription: String { "\(file) \(frames) frames at \(rate.0)/\(rate.1)" }
  }

  static let cases = [
    Case(file: "contest.mp4", frames: 360, rate: (24, 1), codec: ["-c:v", "libx264", "-bf", "3"], micro: 30),
    Case(file: "minute.avi", frames: 600, rate: (10, 1), codec: ["-c:v", "mpeg4", "-q:v", "2"], micro: 120),
    Case(file: "odd.avi", frames: 480, rate: (65521, 2184), codec: ["-c:v", "mpeg4", "-q:v", "2"], micro: 32),
    Case(file: "slow.asf", frames: 270, rate: (18, 1), codec: ["-c:v", "msmpeg4", "-q:v", "2"], micro: 30),
    Case(file: "lapse.avi", frames: 61, rate: (1, 1), codec: ["-c:v", "mpeg4", "-q:v", "2"], micro: 122),
    Case(file: "short.mov", frames: 4, rate: (10, 1), codec: ["-c:v", "mjpeg", "-q:v", "2"], micro: 1),
    Case(file: "one.avi", frames: 1, rate: (25, 1), codec: ["-c:v", "mjpeg", "-q:v", "2"], micro: 1),
    // Two minutes are the most.
    Case(file: "long.mp4", frames: 700, rate: (5, 1), codec: ["-c:v", "libx264"], micro: 240),
  ]

  /// The frames themselves say which they are.
  @Test(arguments: cases) func framesAreThoseOfTheirTimes(_ example: Case) throws {
    try Scratch.with { scratch in
      let file = try ClipMaker.counting(
        example.file, frames: example.frames, rate: "\(example.rate.0)/\(example.rate.1)", codec: example.codec,
        in: scratch)
      let decoded = try Decoded(file, [Self.sampling], micro: Self.format)
      let bytes = try #require(decoded.micro)
      #expect(decoded.clip.outcome == .decoded)
      let (stream, frames) = try Self.seen(bytes, in: scratch)
      #expect(Self.numbers(frames) == (0..<example.micro).map { $0 * example.rate.0 / (2 * example.rate.1) })
      #expect(stream.codecName == "h264" && stream.profile == "High" && stream.pixFmt == "yuv420p")
      #expect(stream.width == 64 && stream.height == 64)
      #expect(stream.rFrameRate == "2/1" && stream.avgFrameRate == "2/1")
      #expect(stream.nbReadFrames == "\(example.micro)")
      #expect(Double(stream.duration) == Double(example.micro) / 2)
      let facts = try #require(MicroClip(bytes, format: Self.format)).facts
      #expect(facts.bytes == bytes.count && facts.frames == example.micro)
      #expect("\(facts.bitRate)" == stream.bitRate)

      // Nothing else is touched by it, and the same bytes come out again.
      let without = try Decoded(file, [Self.sampling])
      #expect(without.frames == decoded.frames && without.clip.frames == decoded.clip.frames)
      #expect(without.clip.short == decoded.clip.short && without.micro == nil)
      #expect(try Decoded(file, [], micro: Self.format).micro == bytes)
    }
  }

  struct Colour: Sendable, CustomTestStringConvertible {
    var name: String
    var codec: [String]
    var testDescription: String { name }
  }

  static let colours = [
    Colour(name: "plain.mp4", codec: ["-c:v", "libx264", "-pix_fmt", "yuv420p"]),
    Colour(name: "full-range.mov", codec: ["-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj422p"]),
    Colour(
      name: "bt709.mp4",
      codec: ["-vf", "scale=out_color_matrix=bt709", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-colorspace", "bt709"]),
    Colour(name: "rgb.mkv", codec: ["-c:v", "ffv1", "-pix_fmt", "bgr0"]),
  ]

  /// The colours are those that networks see, whatever the clip's own kind of pixels.
  @Test(arguments: colours) func coloursStay(_ example: Colour) throws {
    try Scratch.with { scratch in
      let file = try ClipMaker.picture(example.name, frames: 10, codec: example.codec, in: scratch)
      let sampling = Sampling(rateNumerator: 2, frames: 2, side: 64)
      let decoded = try Decoded(file, [sampling], micro: Self.format)
      let micro = try #require(decoded.micro)
      let (_, frames) = try Self.seen(micro, in: scratch)
      #expect(frames.count == 2)
      for channel in 0..<3 {
        let values = zip(frames.joined(), decoded.frames[0]).enumerated().filter { $0.offset % 3 == channel }
        let difference = values.reduce(0) { $0 + Int($1.element.0) - Int($1.element.1) } / values.count
        #expect(abs(difference) <= 3, "channel \(channel)")
      }
    }
  }

  /// Of a clip that breaks off there is a micro clip of what there is; of no clip none.
  @Test func brokenClips() throws {
    try Scratch.with { scratch in
      let whole = try ClipMaker.counting(
        "whole.avi", frames: 360, rate: "24", codec: ["-c:v", "mpeg4", "-q:v", "2", "-g", "12"], in: scratch)
      let data = try Data(contentsOf: whole)
      let cut = scratch.appending(path: "cut.avi")
      try data.prefix(data.count / 2).write(to: cut)
      let decoded = try Decoded(cut, [Self.sampling], micro: Self.format)
      let left = try #require(decoded.clip.facts).decodedFrames
      guard case .partial = decoded.clip.outcome else {
        Issue.record("\(decoded.clip.outcome)")
        return
      }
      let micro = try #require(decoded.micro)
      let (_, frames) = try Self.seen(micro, in: scratch)
      // Where the clip was cut a frame is lost, and the one before it stands in.
      let wanted = (0..<30).map { $0 * 12 }.filter { $0 <= left }.map { min($0, left - 1) }
      #expect((wanted.count - 1...wanted.count).contains(frames.count))
      #expect(Self.numbers(frames) == Array(wanted.prefix(frames.count)))

      let noise = scratch.appending(path: "noise.avi")
      try Data(repeating: 7, count: 5000).write(to: noise)
      let none = try Decoded(noise, [Self.sampling], micro: Self.format)
      #expect(!none.clip.outcome.hasFrames && none.micro == nil)
    }
  }

  /// After the networks' last frame decoding goes on for the micro clip alone, but not for ever.
  @Test(arguments: [(0, 9), (96 * 32 * 200, 40)]) func theBudgetEndsIt(_ pixels: Int64, _ count: Int) throws {
    try Scratch.with { scratch in
      let file = try ClipMaker.counting(
        "long.avi", frames: 600, rate: "10", codec: ["-c:v", "mpeg4", "-q:v", "2"], in: scratch)
      var format = Self.format
      format.pixelBudget = pixels
      let decoded = try Decoded(file, [Sampling(rateNumerator: 1, frames: 5, side: 24)], micro: format)
      #expect(decoded.numbers() == [0, 10, 20, 30, 40])
      let micro = try #require(decoded.micro)
      let (_, frames) = try Self.seen(micro, in: scratch)
      #expect(Self.numbers(frames) == (0..<count).map { $0 * 5 })
      #expect(decoded.clip.outcome == .decoded && !decoded.clip.short)
    }
  }

  /// Ten frames a second for twenty seconds, then one a second: the header's rate is wrong, but that comes out only after
  /// the networks' last frame, and their frames stay what they were.
  @Test func aRateThatIsFoundWrongLateMovesNoFeature() throws {
    try Scratch.with { scratch in
      let even = try ClipMaker.counting("even.mkv", frames: 230, rate: "10", codec: ["-c:v", "ffv1"], in: scratch)
      let uneven = scratch.appending(path: "uneven.mkv")
      let times = "setts=ts='if(lt(N\\,200)\\,N*100\\,20000+(N-200)*1000)'"
      try Command.run("ffmpeg", ["-loglevel", "error", "-i", even.path, "-c", "copy", "-bsf:v", times, uneven.path])
      let sampling = Sampling(rateNumerator: 2, frames: 30, side: 24)
      let without = try Decoded(uneven, [sampling])
      let decoded = try Decoded(uneven, [sampling], micro: Self.format)
      #expect(decoded.frames == without.frames && decoded.clip.frames == [30])
      #expect(decoded.clip.short == without.clip.short && decoded.clip.outcome == .decoded)
      let micro = try #require(decoded.micro)
      let (_, frames) = try Self.seen(micro, in: scratch)
      let wanted = (0..<40).map { $0 * 5 } + (0..<60).map { 200 + $0 / 2 }
      #expect(Self.numbers(frames) == wanted)
    }
  }

  /// Pictures of noise are the largest there can be.
  @Test func noiseStaysWithinTheLimit() throws {
    try Scratch.with { scratch in
      let file = scratch.appending(path: "noise.avi")
      try Command.run(
        "ffmpeg",
        [
          "-loglevel", "error", "-f", "lavfi", "-i",
          "color=gray:s=64x64:r=2,noise=alls=100:allf=t+u,format=yuv420p", "-frames:v", "240", "-c:v", "ffv1",
          file.path,
        ])
      let decoded = try Decoded(file, [], micro: Self.format)
      let micro = try #require(decoded.micro)
      let facts = try #require(MicroClip(micro, format: Self.format)).facts
      #expect(facts.frames == 240)
      #expect(facts.bytes > 200_000 && facts.bytes < Self.format.byteLimit)
    }
  }
}
