package import Foundation

/// Makes clips with the ffmpeg command.
package enum ClipMaker {
  /// A clip whose frame n shows n: three columns of one grey each, the digits of n from the last to the first, so that a
  /// decoded frame tells its own number.
  ///
  /// - Parameters:
  ///   - rate: as ffmpeg takes it: `24`, `65521/2184`.
  ///   - codec: options of the output: `["-c:v", "mpeg4"]`.
  package static func counting(
    _ name: String, frames: Int, rate: String, codec: [String], in directory: URL
  ) throws -> URL {
    let digits = "lum='20+22*mod(floor(N/pow(10\\,floor(X*3/W)))\\,10)':cb=128:cr=128"
    return try make(
      name, ["-f", "lavfi", "-i", "color=gray:s=96x32:r=\(rate),format=yuv420p,geq=\(digits)"], frames: frames,
      codec: codec, in: directory)
  }

  /// FFmpeg's test picture: colours, edges, motion.
  package static func picture(
    _ name: String, frames: Int, size: String = "160x90", codec: [String], in directory: URL
  ) throws -> URL {
    try make(name, ["-f", "lavfi", "-i", "testsrc2=s=\(size):r=10"], frames: frames, codec: codec, in: directory)
  }

  /// The number that a frame of a counting clip shows: RGB bytes, side * side.
  package static func number(_ pixels: UnsafeRawBufferPointer, side: Int) -> Int {
    var number = 0
    for column in [2, 1, 0] {
      let x = side * (2 * column + 1) / 6
      let grey = Double(pixels[(side / 2 * side + x) * 3])
      number = number * 10 + Int(((grey * 219 / 255 + 16 - 20) / 22).rounded())
    }
    return number
  }

  private static func make(
    _ name: String, _ input: [String], frames: Int, codec: [String], in directory: URL
  ) throws -> URL {
    let file = directory.appending(path: name)
    let output = ["-frames:v", "\(frames)", "-fflags", "+bitexact", "-flags:v", "+bitexact"] + codec + [file.path]
    try Command.run("ffmpeg", ["-hide_banner", "-loglevel", "error", "-y"] + input + output)
    return file
  }
}
