package import Vocabulary

/// Extracts the features of some clips with some backbones, one decoding pass a clip.
///
/// Output: per backbone `<index>.safetensors` (float16, one tensor [frames, width] per clip, named by the clip's
/// digest, clips in order of their digests), where a micro format is given `micro.safetensors` (a tensor of the same name
/// per clip: its micro clip, uint8 [bytes]), and `ledger.json`. A shard is absent when no clip had frames.
package struct ExtractSpec: Sendable, Codable {
  package var clips: [ClipFile]
  package var backbones: [BackboneUse]
  /// Where compiled networks may be kept; nil for nowhere.
  package var cache: BytePath?
  /// Nil to make no micro clips. Without a backbone a unit makes nothing else; without either it only looks: the ledger has
  /// the clips' facts.
  package var micro: MicroFormat?

  package init(clips: [ClipFile], backbones: [BackboneUse], cache: BytePath?, micro: MicroFormat? = nil) {
    self.clips = clips
    self.backbones = backbones
    self.cache = cache
    self.micro = micro
  }

  package static let ledgerName = "ledger.json"
  package static let microName = "micro.safetensors"
  package static func shardName(_ index: Int) -> String { "\(index).safetensors" }
}

/// A backbone together with where its network is and how exactly it is to compute.
package struct BackboneUse: Sendable, Codable, Hashable {
  package var backbone: Backbone
  /// The ONNX file; nil for the built-in network, which the worker makes itself.
  package var file: BytePath?
  package var precision: Precision
  /// Names what the features' bytes depend on besides the clip, but for the versions of FFmpeg and the runtime: each
  /// security update of them would have everything made again. They stand in each unit's ledger.
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
    /// Nil when the clip is unreadable, or the unit made no micro clips.
    package var micro: MicroFacts?

    package init(
      clip: ClipID, outcome: ClipOutcome, facts: ClipFacts?, short: Bool, micro: MicroFacts? = nil
    ) {
      self.clip = clip
      self.outcome = outcome
      self.facts = facts
      self.short = short
      self.micro = micro
    }
  }

  package struct Shard: Sendable, Codable {
    package var backbone: String
    package var fingerprint: StageKey
    /// Index of the backbone in the spec: the shard is `<index>.safetensors`.
    package var index: Int
    /// What computed it, with its version; nil in ledgers of old.
    package var runtime: String?

    package init(backbone: String, fingerprint: StageKey, index: Int, runtime: String? = nil) {
      self.backbone = backbone
      self.fingerprint = fingerprint
      self.index = index
      self.runtime = runtime
    }
  }

  /// A clip whose file could not be read, or is not the clip any more: nothing was learnt of the clip.
  package struct Skip: Sendable, Codable, Equatable {
    package var clip: ClipID
    package var reason: String

    package init(clip: ClipID, reason: String) {
      self.clip = clip
      self.reason = reason
    }
  }

  package var entries: [Entry]
  /// Every backbone of the spec, those without a file too.
  package var shards: [Shard]
  /// Fingerprint of the unit's micro clips, which are in `micro.safetensors`; nil when it made none.
  package var micro: StageKey?
  /// Clips of the spec without an entry; nil when there are none.
  package var skips: [Skip]?
  /// What decoded the clips and made their micro clips, with its version; nil in ledgers of old.
  package var decoder: String?
  /// Nil where a unit published it. Else it was compacted from ledgers of these names, which are removed with their shards
  /// once the catalog knows this one; then the list is empty, because a unit may come to have such a name again. Every shard
  /// that a compacted ledger names was published, and may lack clips that had been damaged or were made again since.
  package var supersedes: [String]?

  package init(
    entries: [Entry], shards: [Shard], micro: StageKey? = nil, skips: [Skip]? = nil, decoder: String? = nil,
    supersedes: [String]? = nil
  ) {
    self.entries = entries
    self.shards = shards
    self.micro = micro
    self.skips = skips
    self.decoder = decoder
    self.supersedes = supersedes
  }
}
