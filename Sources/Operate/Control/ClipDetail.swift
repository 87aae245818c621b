package import Foundation
package import Vocabulary

/// All that is known of one clip: `GET /v1/clip?name=...`.
package struct ClipDetail: Codable, Sendable, Equatable {
  /// SHA-256 of the content.
  package var clip: String
  package var bytes: Int64
  /// pending, decoded, partial or unreadable.
  package var state: String
  /// Why it is partial or unreadable.
  package var reason: String?
  /// Every copy, those that are gone too.
  package var files: [File]
  /// What its container and the decoder say; absent while nobody has looked.
  package var video: Video?
  /// For each configured network whether its features are there.
  package var features: [Feature]
  package var hasMicroClip: Bool
  /// The classes that the labels give it; absent without a label that counts.
  package var labels: [String]?
  /// In the newest run that learns from it, the fold that it is held out of, from 1.
  package var fold: Int?
  /// One probability a class, by the newest run that scored it.
  package var scores: [Score]?
  /// That run.
  package var run: String?

  package init(
    clip: String, bytes: Int64, state: String, reason: String?, files: [File], video: Video?, features: [Feature],
    hasMicroClip: Bool, labels: [String]?, fold: Int?, scores: [Score]?, run: String?
  ) {
    self.clip = clip
    self.bytes = bytes
    self.state = state
    self.reason = reason
    self.files = files
    self.video = video
    self.features = features
    self.hasMicroClip = hasMicroClip
    self.labels = labels
    self.fold = fold
    self.scores = scores
    self.run = run
  }

  package struct File: Codable, Sendable, Equatable {
    package var path: BytePath
    /// Which source brought it; absent for a watched folder.
    package var source: String?
    package var modified: Date
    /// False when retention has removed it.
    package var isPresent: Bool
    /// True until its archive is known to be what its publisher made: nothing is learned or published from it.
    package var isProvisional: Bool

    package init(path: BytePath, source: String?, modified: Date, isPresent: Bool, isProvisional: Bool) {
      self.path = path
      self.source = source
      self.modified = modified
      self.isPresent = isPresent
      self.isProvisional = isProvisional
    }
  }

  package struct Video: Codable, Sendable, Equatable {
    package var container: String
    package var codec: String
    /// Pixels.
    package var width: Int
    package var height: Int
    /// Frames a second, seconds, bits a second.
    package var frameRate: Double
    package var duration: Double
    package var bitRate: Int64?
    package var hasAudio: Bool
    package var decodedFrames: Int
    /// From the container, whose clock may be wrong.
    package var captured: Date?

    package init(_ facts: ClipFacts) {
      container = facts.container
      codec = facts.codec
      width = facts.width
      height = facts.height
      frameRate = facts.frameRate
      duration = facts.duration
      bitRate = facts.bitRate
      hasAudio = facts.hasAudio
      decodedFrames = facts.decodedFrames
      captured = facts.captured.map { Date(timeIntervalSince1970: Double($0)) }
    }
  }

  package struct Feature: Codable, Sendable, Equatable {
    package var backbone: String
    package var isThere: Bool

    package init(backbone: String, isThere: Bool) {
      self.backbone = backbone
      self.isThere = isThere
    }
  }

  package struct Score: Codable, Sendable, Equatable {
    package var name: String
    package var probability: Float

    package init(name: String, probability: Float) {
      self.name = name
      self.probability = probability
    }
  }
}
