internal import Foundation
private import Vocabulary

/// A value with the digest of its canonical JSON, for files that are read for years: a flipped bit is noticed.
package struct Sealed<Value: Codable>: Codable {
  package let value: Value

  package init(_ value: Value) { self.value = value }

  private enum CodingKeys: String, CodingKey { case value, sha256 }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(value, forKey: .value)
    try container.encode(Digest(of: CanonicalJSON.encode(value)), forKey: .sha256)
  }

  /// - Throws: `DecodingError` where the value is not the one that was sealed.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    value = try container.decode(Value.self, forKey: .value)
    let digest = try container.decode(Digest.self, forKey: .sha256)
    guard Digest(of: try CanonicalJSON.encode(value)) == digest else {
      throw DecodingError.dataCorruptedError(
        forKey: .sha256, in: container, debugDescription: "the value is not the one that was sealed")
    }
  }
}
