/// One video, identified by the SHA-256 of its content; a renamed or copied file is the same clip.
package struct ClipID: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
  package let digest: Digest

  package init(_ digest: Digest) { self.digest = digest }

  package init(from decoder: any Decoder) throws { digest = try Digest(from: decoder) }
  package func encode(to encoder: any Encoder) throws { try digest.encode(to: encoder) }

  package static func < (left: ClipID, right: ClipID) -> Bool { left.digest < right.digest }
  package var description: String { digest.hex }
}

/// A clip's file where it lies now. The modification time is in nanoseconds since 1970: neighbours in time are a signal.
package struct ClipFile: Hashable, Sendable, Codable {
  package var clip: ClipID
  package var path: BytePath
  package var bytes: Int64
  package var modified: Int64

  package init(clip: ClipID, path: BytePath, bytes: Int64, modified: Int64) {
    self.clip = clip
    self.path = path
    self.bytes = bytes
    self.modified = modified
  }
}

/// What the container and the decoder say of a clip. Nothing here is guessed: what the file does not tell is nil.
package struct ClipFacts: Hashable, Sendable, Codable {
  /// FFmpeg's short names, such as `mov,mp4,m4a,3gp,3g2,mj2` and `h264`.
  package var container: String
  package var codec: String
  /// Pixels, as stored (no rotation applied).
  package var width: Int
  package var height: Int
  /// Frames decoded in the one pass, which ends with the last frame that some sampling wants; `frameCount` is what the
  /// header claims.
  package var decodedFrames: Int
  package var frameCount: Int?
  /// Frames per second, seconds, bits per second.
  package var frameRate: Double
  package var duration: Double
  package var bitRate: Int64?
  package var hasAudio: Bool
  /// Seconds since 1970, from the container's creation time.
  package var captured: Int64?

  package init(
    container: String, codec: String, width: Int, height: Int, decodedFrames: Int, frameCount: Int?,
    frameRate: Double, duration: Double, bitRate: Int64?, hasAudio: Bool, captured: Int64?
  ) {
    self.container = container
    self.codec = codec
    self.width = width
    self.height = height
    self.decodedFrames = decodedFrames
    self.frameCount = frameCount
    self.frameRate = frameRate
    self.duration = duration
    self.bitRate = bitRate
    self.hasAudio = hasAudio
    self.captured = captured
  }
}

/// How decoding a clip ended. Broken input is data: a clip that cannot be decoded keeps its reason and still gets a row.
package enum ClipOutcome: Hashable, Sendable, Codable {
  /// Every sample time up to the end of the clip had its frame.
  case decoded
  /// Decoding broke off after `frames` frames; what was decoded is used, the reason is kept.
  case partial(frames: Int, reason: String)
  /// Not one frame: no features.
  case unreadable(reason: String)

  package var hasFrames: Bool {
    if case .unreadable = self { false } else { true }
  }
}
