internal import Vocabulary

/// What is needed to go on with a part after the process was killed: published only when the bytes it speaks of are durable.
struct PartRecord: Codable, Equatable, Sendable {
  /// Names these bytes for those who read them; see `FileProgress.identity`.
  var identity: Digest
  /// The digest that the file must have.
  var digest: Digest?
  var total: Int64?
  /// Strong tags of the file by mirror; empty when it comes in one response, which cannot be gone on with.
  var tags: [String: String] = [:]
  /// The tag of the mirror that the file was begun with.
  var tag: String?
  /// Mirrors whose bytes are in the part.
  var contributors: [String] = []
  /// Mirrors that gave a file with the wrong digest all by themselves.
  var blamed: [String] = []
  /// Set when mirrors are tried one at a time: the one whose turn it is.
  var solo: String?
  /// Bytes that are durable.
  var ranges = RangeSet()
  /// The hash of the first `midstate.bytes` bytes, which are never read again: their reader may have given them back.
  var midstate: HashMidstate

  /// The bytes that may be handed out.
  var prefix: Int64 { midstate.bytes }

  /// A record that no crash and no older version of ours could have left is none.
  var isSound: Bool {
    guard let total, tag != nil, Hasher256(midstate) != nil else { return false }
    return midstate.bytes <= ranges.prefix && ranges.ranges.allSatisfy { $0.upperBound <= total }
  }
}

extension Digest {
  /// Of nothing but chance: no two are equal.
  static func random() -> Digest {
    var generator = SystemRandomNumberGenerator()
    let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    guard let digest = Digest(bytes: bytes) else { preconditionFailure("a digest has 32 bytes") }
    return digest
  }
}
