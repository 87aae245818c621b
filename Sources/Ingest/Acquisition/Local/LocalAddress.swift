internal import Foundation
package import Vocabulary

/// Addresses of files on this machine.
package enum LocalAddress {
  /// An absolute path, or `file:` with one (RFC 8089); nil for any other address.
  package static func path(_ address: String) -> BytePath? {
    if address.hasPrefix("/") { return BytePath(address) }
    guard address.lowercased().hasPrefix("file:") else { return nil }
    var rest = address.dropFirst("file:".count)
    if rest.hasPrefix("//") {
      // The authority: empty, or this machine.
      rest = rest.dropFirst(2)
      let host = rest.prefix { $0 != "/" }
      if !host.isEmpty && host.lowercased() != "localhost" { return nil }
      rest = rest.dropFirst(host.count)
    }
    return rest.hasPrefix("/") ? BytePath(bytes: decoded(Array(rest.utf8))) : nil
  }

  private static func decoded(_ text: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    var index = 0
    while index < text.count {
      if text[index] == UInt8(ascii: "%"), index + 2 < text.count,
        let byte = UInt8(String(decoding: text[(index + 1)...(index + 2)], as: UTF8.self), radix: 16), byte != 0
      {
        bytes.append(byte)
        index += 3
      } else {
        bytes.append(text[index])
        index += 1
      }
    }
    return bytes
  }
}
