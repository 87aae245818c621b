internal import Foundation

/// Addresses of this machine and its own network. A server out there must not send us to them: whoever listens there
/// trusts its neighbours.
enum PrivateAddress {
  static func isPrivate(_ address: UnsafePointer<sockaddr>) -> Bool {
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        isPrivate(v4: UInt32(bigEndian: $0.pointee.sin_addr.s_addr))
      }
    case AF_INET6:
      return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
        withUnsafeBytes(of: pointer.pointee.sin6_addr) { isPrivate(v6: Array($0)) }
      }
    default: return true
    }
  }

  /// As text; what is no address is taken for a private one.
  static func isPrivate(_ text: String) -> Bool {
    var v4 = in_addr()
    var v6 = in6_addr()
    if inet_pton(AF_INET, text, &v4) == 1 { return isPrivate(v4: UInt32(bigEndian: v4.s_addr)) }
    if inet_pton(AF_INET6, text, &v6) == 1 { return withUnsafeBytes(of: v6) { isPrivate(v6: Array($0)) } }
    return true
  }

  private static func isPrivate(v4 address: UInt32) -> Bool {
    let networks: [(UInt32, Int)] = [
      (0x0000_0000, 8), (0x0A00_0000, 8), (0x6440_0000, 10), (0x7F00_0000, 8), (0xA9FE_0000, 16),
      (0xAC10_0000, 12), (0xC0A8_0000, 16), (0xE000_0000, 3),
    ]
    return networks.contains { network, bits in (address ^ network) >> (32 - UInt32(bits)) == 0 }
  }

  private static func isPrivate(v6 bytes: [UInt8]) -> Bool {
    // Mapped, compatible (`::` and `::1` among them) and translated addresses are those of IPv4.
    if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10...11] == [0, 0] || bytes[10...11] == [0xFF, 0xFF] {
      return isPrivate(v4: bytes[12...].reduce(0) { $0 << 8 | UInt32($1) })
    }
    if bytes[..<4] == [0, 0x64, 0xFF, 0x9B] { return isPrivate(v4: bytes[12...].reduce(0) { $0 << 8 | UInt32($1) }) }
    let isLocal = bytes[0] & 0xFE == 0xFC || (bytes[0] == 0xFE && bytes[1] & 0x80 == 0x80)
    return isLocal || bytes[0] == 0xFF
  }
}
