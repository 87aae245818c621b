import Decoding
import Foundation
import FrameExchange
import TestSupport
import Testing
import Vocabulary

@Suite struct SamplingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var file: String
    var frames: Int
    var rate: String
    var codec: [String]
    /// Frames a second as a ratio, as the file should have it.
    var fps: (Int, Int)

    var testDescription: String { "\(file) \(frames) frames at \(rate)" }
  }

  static let cases = [
    Case(file: "contest.mp4", frames: 360, rate: "24", codec: ["-c:v", "libx264", "-bf", "3"], fps: (24, 1)),
    Case(
      file: "b-frames.avi", frames: 450, rate: "30", codec: ["-c:v", "mpeg4", "-bf", "2", "-q:v", "2"], fps: (30, 1)),
    Case(file: "slow.asf", frames: 270, rate: "18", codec: ["-c:v", "msmpeg4", "-q:v", "2"], fps: (18, 1)),
    Case(file: "lapse.avi", frames: 61, rate: "1", codec: ["-c:v", "mpeg4", "-q:v", "2"], fps: (1, 1)),
    Case(file: "odd.avi", frames: 480, rate: "65521/2184", codec: ["-c:v", "mpeg4", "-q:v", "2"], fps: (65521, 2184)),
    Case(file: "trail.MOV", frames: 300, rate: "30", codec: ["-c:v", "mjpeg", "-q:v", "2"], fps: (30, 1)),
    Case(file: "short.mp4", frames: 50, rate: "25", codec: ["-c:v", "libx264"], fps: (25, 1)),
    Case(file: "one.avi", frames: 1, rate: "25", codec: ["-c:v", "mjpeg"], fps: (25, 1)),
    Case(file: "ntsc.mkv", frames: 320, rate: "30000/1001", codec: ["-c:v", "libx264"], fps: (30000, 1001)),
    Case(
      file: "web.webm", frames: 120, rate: "12", codec: ["-c:v", "libvpx", "-crf", "10", "-b:v", "1M"], fps: (12, 1)),
    Case(file: "old.mpg", frames: 200, rate: "25", codec: ["-c:v", "mpeg2video", "-q:v", "2"], fps: (25, 1)),
    Case(file: "stream.ts", frames: 200, rate: "25", codec: ["-c:v", "libx264"], fps: (25, 1)),
    Case(file: "windows.wmv", frames: 100, rate: "10", codec: ["-c:v", "wmv2", "-q:v", "2"], fps: (10, 1)),
    Case(file: "phone.3gp", frames: 90, rate: "15", codec: ["-c:v", "mpeg4", "-q:v", "2"], fps: (15, 1)),
  ]

  private static let samplings = [
    Sampling(rateNumerator: 3, frames: 45, side: 48), Sampling(rateNumerator: 2, frames: 30, side: 33),
    Sampling(rateNumerator: 1, rateDenominator: 2, frames: 4, side: 24),
  ]

  /// The frames themselves say which they are.
  @Test(arguments: cases) func framesAreThoseOfTheirTimes(_ example: Case) throws {
    try Scratch.with { scratch in
      let file = try ClipMaker.counting(
        example.file, frames: example.frames, rate: example.rate, codec: example.codec, in: scratch)
      let decoded = try Decoded(file, Self.samplings)
      #expect(decoded.clip.outcome == .decoded)
      var isShort = false
      for (index, sampling) in Self.samplings.enumerated() {
        let wanted = (0..<sampling.frames).map {
          $0 * sampling.rateDenominator * example.fps.0 / (sampling.rateNumerator * example.fps.1)
        }
        #expect(decoded.numbers(index) == wanted.map { min($0, example.frames - 1) })
        isShort = isShort || wanted.contains { $0 >= example.frames }
      }
      #expect(decoded.clip.short == isShort)
      #expect(decoded.clip.frames == Self.samplings.map(\.frames))
      let facts = try #require(decoded.clip.facts)
      #expect(facts.width == 96 && facts.height == 32)
      #expect(abs(facts.frameRate - Double(example.fps.0) / Double(example.fps.1)) < 1e-9)
      let seconds = Double(example.frames) / facts.frameRate
      #expect(abs(facts.duration - seconds) < max(0.2, 1.01 / facts.frameRate))
      #expect(!facts.hasAudio)
    }
  }

  /// The pass ends with the last frame that is wanted.
  @Test func nothingIsDecodedThatNobodyWants() throws {
    try Scratch.with { scratch in
      let file = try ClipMaker.counting("long.avi", frames: 600, rate: "10", codec: ["-c:v", "mpeg4"], in: scratch)
      let decoded = try Decoded(file, [Sampling(rateNumerator: 1, frames: 5, side: 24)])
      #expect(decoded.numbers() == [0, 10, 20, 30, 40])
      #expect(decoded.clip.facts?.decodedFrames == 41)
      #expect(decoded.clip.facts?.frameCount == 600)
      #expect(decoded.clip.outcome == .decoded)
    }
  }

  /// Frames at uneven times: each sample is the frame that was on the screen then.
  @Test func unevenTimesAreTakenByTheirTimeStamps() throws {
    try Scratch.with { scratch in
      // Ten a second for two seconds, then one a second.
      let even = try ClipMaker.counting("even.mkv", frames: 28, rate: "10", codec: ["-c:v", "ffv1"], in: scratch)
      let uneven = scratch.appending(path: "uneven.mkv")
      let times = "setts=ts='if(lt(N\\,20)\\,N*100\\,2000+(N-20)*1000)'"
      try Command.run(
        "ffmpeg", ["-loglevel", "error", "-i", even.path, "-c", "copy", "-bsf:v", times, uneven.path])
      let decoded = try Decoded(uneven, [Sampling(rateNumerator: 2, frames: 14, side: 24)])
      #expect(decoded.numbers() == [0, 5, 10, 15, 20, 20, 21, 21, 22, 22, 23, 23, 24, 24])
    }
  }

  @Test func whenAndWithWhatItWasTaken() throws {
    try Scratch.with { scratch in
      let file = scratch.appending(path: "sound.mp4")
      try Command.run(
        "ffmpeg",
        [
          "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=64x48:r=5", "-f", "lavfi", "-i", "sine", "-t", "2",
          "-metadata", "creation_time=2013-05-28T06:31:07Z", file.path,
        ])
      let facts = try #require(Decoded(file, [Sampling(rateNumerator: 1, frames: 2, side: 8)]).clip.facts)
      #expect(facts.captured == 1_369_722_667)
      #expect(facts.hasAudio)
      #expect(facts.codec == "h264")
      #expect(facts.container == "mov,mp4,m4a,3gp,3g2,mj2")
      #expect(facts.frameCount == 10)
      #expect(try #require(facts.bitRate) > 0)
    }
  }
}
