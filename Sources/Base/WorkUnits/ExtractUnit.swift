package import Vocabulary

/// Extracts the features of some clips with some backbones, one decoding pass a clip.
///
/// Output: per backbone `<index>.safetensors` (float16, one tensor [frames, width] per clip, named by the clip's
/// digest, clips in order of their digests), and `ledger.json`. A backbone's file is absent when no clip had frames.
package struct ExtractSpec: Sendable, Codable {
  package var clips: [ClipFile]
  package var backbones: [BackboneUse]
  /// Where compiled networks may be kept; nil for nowhere.
  package var cache: BytePath?

  package init(clips: [ClipFile], backbones: [BackboneUse], cache: BytePath?) {
    self.clips = clips
    self.backbones = backbones
    self.cache = cache
  }

  package static let ledgerName = "ledger.json"
  package static func shardName(_ index: Int) -> String { "\(index).safetensors" }
}

/// A backbone together with where its network is and how exactly it is to compute.
package struct BackboneUse: Sendable, Codable, Hashable {
  package var backbone: Backbone
  /// The ONNX file; nil for the built-in network, which the worker makes itself.
  package var file: BytePath?
  package var precision: Precision
  /// Names everything that the features' bytes depend on besides the clip.
  package var fingerprint: StageKey

  package init(backbone: Backbone, file: BytePath?, precision: Precision) throws {
    self.backbone = backbone
    self.file = file
    self.precision = precision
    fingerprint = try StageKey(
      stage: "features", version: Self.codeVersion,
      inputs: Inputs(model: backbone.model, sampling: backbone.sampling, precision: precision))
  }

  private struct Inputs: Encodable {
    var model: Digest
    var sampling: Sampling
    var precision: Precision
  }

  /// Raise it when decoding, sampling, scaling or rounding of features changes.
  private static let codeVersion = 1
}

/// What one extract unit found, published last: its presence says that its shards are whole.
package struct ExtractLedger: Sendable, Codable {
  package struct Entry: Sendable, Codable {
    package var clip: ClipID
    package var outcome: ClipOutcome
    /// Nil when the clip is unreadable.
    package var facts: ClipFacts?
    /// True when the clip ended before the last sample time of some backbone, so that its last frame was repeated.
    package var short: Bool

    package init(clip: ClipID, outcome: ClipOutcome, facts: ClipFacts?, short: Bool) {
      self.clip = clip
      self.outcome = outcome
      self.facts = facts
      self.short = short
    }
  }

  package struct Shard: Sendable, Codable {
    package var backbone: String
    package var fingerprint: StageKey
    /// Index of the backbone in the spec: the shard is `<index>.safetensors`.
    package var index: Int

    package init(backbone: String, fingerprint: StageKey, index: Int) {
      self.backbone = backbone
      self.fingerprint = fingerprint
      self.index = index
    }
  }

  package var entries: [Entry]
  /// Every backbone of the spec, those without a file too.
  package var shards: [Shard]

  package init(entries: [Entry], shards: [Shard]) {
    self.entries = entries
    self.shards = shards
  }
}
