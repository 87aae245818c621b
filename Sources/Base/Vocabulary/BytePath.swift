internal import Foundation

/// A path or file name as the kernel knows it: bytes without NUL, not necessarily UTF-8.
///
/// Camera projects have names in old code pages; a name that went through `String` and back may open no file.
package struct BytePath: Hashable, Sendable, Comparable {
  package let bytes: [UInt8]

  package init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  package init(_ string: String) {
    bytes = Array(string.utf8)
  }

  /// For people: bytes that are not UTF-8 become U+FFFD. Never use the result to open a file.
  package var display: String { String(decoding: bytes, as: UTF8.self) }

  /// The exact text when the bytes are UTF-8, otherwise nil.
  package var string: String? { String(validating: bytes, as: UTF8.self) }

  package var isAbsolute: Bool { bytes.first == Self.slash }

  /// The parts between slashes, empty ones left out.
  package var components: [BytePath] { bytes.split(separator: Self.slash).map { BytePath(bytes: Array($0)) } }

  package var lastComponent: BytePath {
    guard let end = bytes.lastIndex(where: { $0 != Self.slash }) else { return self }
    let start = bytes[...end].lastIndex(of: Self.slash).map { $0 + 1 } ?? 0
    return start == 0 && end == bytes.count - 1 ? self : BytePath(bytes: Array(bytes[start...end]))
  }

  package func appending(_ child: BytePath) -> BytePath {
    if bytes.isEmpty { return child }
    if child.bytes.isEmpty { return self }
    return BytePath(bytes: bytes.last == Self.slash ? bytes + child.bytes : bytes + [Self.slash] + child.bytes)
  }

  package func appending(_ child: String) -> BytePath { appending(BytePath(child)) }

  package var deletingLastComponent: BytePath {
    guard let cut = bytes.lastIndex(of: Self.slash) else { return BytePath(bytes: []) }
    return BytePath(bytes: Array(bytes[..<max(cut, bytes.first == Self.slash ? 1 : 0)]))
  }

  /// Calls `body` with the path as a C string, valid during the call only.
  package func withCString<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
    try (bytes + [0]).withUnsafeBufferPointer { buffer in
      try buffer.withMemoryRebound(to: CChar.self) { characters in
        guard let start = characters.baseAddress else { preconditionFailure("a C string has its final NUL") }
        return try body(start)
      }
    }
  }

  package static func < (left: BytePath, right: BytePath) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

  private static let slash = UInt8(ascii: "/")
}

extension BytePath: Codable {
  private enum CodingKeys: String, CodingKey { case base64 }

  /// A JSON string where the bytes are UTF-8, else `{"base64": "..."}`.
  package func encode(to encoder: any Encoder) throws {
    if let string {
      var container = encoder.singleValueContainer()
      try container.encode(string)
    } else {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(Data(bytes).base64EncodedString(), forKey: .base64)
    }
  }

  package init(from decoder: any Decoder) throws {
    if let string = try? decoder.singleValueContainer().decode(String.self) {
      self.init(string)
      return
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard let data = Data(base64Encoded: try container.decode(String.self, forKey: .base64)) else {
      throw DecodingError.dataCorruptedError(forKey: .base64, in: container, debugDescription: "not base64")
    }
    self.init(bytes: Array(data))
  }
}

extension BytePath: CustomStringConvertible, ExpressibleByStringLiteral {
  package init(stringLiteral value: String) { self.init(value) }
  package var description: String { display }
}
