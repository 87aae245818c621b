package import Foundation

/// The name of a stage's product: a digest of everything the product depends on. A product that exists under its key is
/// never made again; a missing one is made; nothing else decides what runs.
package struct StageKey: Hashable, Sendable, Comparable, Codable, CustomStringConvertible {
  package let digest: Digest

  /// - Parameters:
  ///   - stage: the stage's name, so that equal inputs of two stages never share a key.
  ///   - version: the stage's code version; raise it when the same inputs give other bytes.
  ///   - inputs: digests and parameters, encoded as JSON with sorted keys.
  package init(stage: String, version: Int, inputs: some Encodable) throws {
    var hasher = Hasher256()
    let head = Array("\(stage) \(version)\n".utf8)
    head.withUnsafeBytes { hasher.update($0) }
    try CanonicalJSON.encode(inputs).withUnsafeBytes { hasher.update($0) }
    digest = hasher.finish()
  }

  package init(_ digest: Digest) { self.digest = digest }
  package init(from decoder: any Decoder) throws { digest = try Digest(from: decoder) }
  package func encode(to encoder: any Encoder) throws { try digest.encode(to: encoder) }

  package static func < (left: StageKey, right: StageKey) -> Bool { left.digest < right.digest }
  package var description: String { digest.hex }
  /// The first 16 digits, for file and folder names that people read.
  package var name: String { String(digest.hex.prefix(16)) }
}

/// JSON whose bytes depend on the value alone: keys sorted, slashes unescaped. For keys, specs and published files.
package enum CanonicalJSON {
  package static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(value)
  }

  /// The same for files that people open.
  package static func encodePretty(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return try encoder.encode(value) + Data("\n".utf8)
  }

  package static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
    try JSONDecoder().decode(type, from: data)
  }
}
