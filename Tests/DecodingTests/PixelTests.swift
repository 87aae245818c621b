import Foundation
import TestSupport
import Testing
import Vocabulary

@Suite struct PixelTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var codec: [String]

    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "h264.mp4", codec: ["-c:v", "libx264", "-pix_fmt", "yuv420p"]),
    Case(name: "full-range.mov", codec: ["-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj422p"]),
    Case(name: "mpeg4.avi", codec: ["-c:v", "mpeg4", "-q:v", "3"]),
    Case(
      name: "bt709.mp4",
      codec: ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-colorspace", "bt709", "-color_trc", "bt709"]),
    Case(name: "ten-bit.mkv", codec: ["-c:v", "ffv1", "-pix_fmt", "yuv420p10le"]),
  ]

  /// Against ffmpeg's own scaling, bit-exact and as everybody calls it.
  @Test(arguments: cases, [31, 97, 224]) func pixelsAreFFmpegs(_ example: Case, _ side: Int) throws {
    try Scratch.with { scratch in
      let file = try ClipMaker.picture(example.name, frames: 12, codec: example.codec, in: scratch)
      let ours = try Decoded(file, [Sampling(rateNumerator: 10, frames: 10, side: side)]).frames[0]
      for (flags, tolerance, mean) in [("bicubic+accurate_rnd+bitexact", 1, 0.02), ("bicubic", 8, 1.0)] {
        let scale = "scale=\(side):\(side):flags=\(flags)"
        let theirs = try Command.run(
          "ffmpeg",
          [
            "-loglevel", "error", "-threads", "1", "-i", file.path, "-vf", scale, "-frames:v", "10", "-f", "rawvideo",
            "-pix_fmt", "rgb24", "-",
          ])
        #expect(theirs.count == ours.count)
        let differences = zip(ours, theirs).map { abs(Int($0) - Int($1)) }
        #expect(try #require(differences.max()) <= tolerance)
        #expect(Double(differences.reduce(0, +)) / Double(ours.count) < mean)
      }
    }
  }
}
