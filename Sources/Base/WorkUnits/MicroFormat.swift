package import Vocabulary

/// How micro clips are made. A micro clip is what stays of a clip when its file is deleted, in the form in which the
/// contest gave its micro set away: an MP4 file of H.264 without sound, `sampling.side` pixels wide and high whatever the
/// clip's shape, with the frames that `sampling` names as long as the clip lasts. Nothing is repeated behind its end.
package struct MicroFormat: Sendable, Codable, Hashable {
  /// `frames` is the most that a micro clip has; `side` is even.
  package var sampling: Sampling
  /// x264's constant rate factor.
  package var rateFactor: Int
  /// The pass over a clip goes on for the micro clip alone until it has seen this many pixels: a long clip of large frames
  /// must not cost its features the time that a decoder is given.
  package var pixelBudget: Int64

  package init(sampling: Sampling, rateFactor: Int, pixelBudget: Int64) {
    self.sampling = sampling
    self.rateFactor = rateFactor
    self.pixelBudget = pixelBudget
  }

  /// Two frames a second for two minutes, and a minute of 1920 by 1080 pixels. Rate factor 23 makes about 4 to 11 kB of 15
  /// seconds; the contest's were 7 kB.
  package static let standard = MicroFormat(
    sampling: Sampling(rateNumerator: 2, frames: 240, side: 64), rateFactor: 23, pixelBudget: 4 << 30)

  /// Folder of the shards below `features/`, where a backbone's name stands otherwise.
  package static let shardFolder = "micro"

  /// What no encoder exceeds: H.264 bounds a macroblock of 16 by 16 pixels by 400 bytes (ITU-T H.264, A.3.1), and half as
  /// many bytes again are ample for what stands around them.
  package var byteLimit: Int {
    let blocks = (sampling.side + 15) / 16
    return sampling.frames * blocks * blocks * 600 + (16 << 10)
  }

  /// Names what a micro clip's bytes depend on besides the clip. The encoder's version is not in it, but stands in each
  /// file: where clips are deleted, micro clips could not be made anew after each update of the system.
  package var fingerprint: StageKey {
    guard let key = try? StageKey(stage: "micro", version: Self.codeVersion, inputs: self) else {
      preconditionFailure("numbers are always JSON")
    }
    return key
  }

  /// Raise it when sampling, scaling or encoding change.
  private static let codeVersion = 1
}

/// What is known of a micro clip: metadata features of the reference solution.
package struct MicroFacts: Sendable, Codable, Hashable {
  /// Of the file.
  package var bytes: Int
  package var frames: Int
  /// Bits a second of its video, as ffprobe tells it.
  package var bitRate: Int64

  package init(bytes: Int, frames: Int, bitRate: Int64) {
    self.bytes = bytes
    self.frames = frames
    self.bitRate = bitRate
  }
}
