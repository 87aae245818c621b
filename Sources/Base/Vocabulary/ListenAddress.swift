internal import Foundation

/// An address of this machine and a TCP port, as `[http] listen` names them: `127.0.0.1:8642`, `[::1]:8642`.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
  /// IPv4 or IPv6, in numbers.
  package var host: String
  /// 0 takes any that is free.
  package var port: UInt16

  package init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// Nil for anything else; `localhost` is 127.0.0.1.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
    var host = String(text[..<colon])
    if host == "localhost" { host = "127.0.0.1" }
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    if isBracketed { host = String(host.dropFirst().dropLast()) }
    guard Self.isAddress(host, AF_INET6) ? isBracketed : Self.isAddress(host, AF_INET) && !isBracketed else {
      return nil
    }
    self.init(host: host, port: port)
  }

  /// Whether only this machine reaches it.
  package var isLoopback: Bool { host == "::1" || host.hasPrefix("127.") }

  package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Whether a text is an IPv4 or IPv6 address in numbers.
  package static func isAddress(_ text: String) -> Bool { isAddress(text, AF_INET) || isAddress(text, AF_INET6) }

  private static func isAddress(_ text: String, _ family: Int32) -> Bool {
    var address = in6_addr()
    return inet_pton(family, text, &address) == 1
  }
}
