internal import Foundation
private import Synchronization

/// Ports of 127.0.0.1 that nobody uses.
package enum LocalPort {
  /// Binds a socket to one; 0 is any.
  static func bind(_ socket: Int32, _ port: UInt16 = 0) throws -> UInt16 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        Foundation.bind(socket, pointer, length) == 0 ? getsockname(socket, pointer, &length) : -1
      }
    }
    if code != 0 { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    return UInt16(bigEndian: address.sin_port)
  }

  /// Below those that the kernel gives to whoever takes any (ip_local_port_range, from 32768 on).
  private static let range = 20_000..<32_000
  /// Other runs of the tests at the same time begin elsewhere.
  private static let start = Int(getpid()) * 97
  private static let given = Atomic(0)

  /// For programs that bind it themselves, however late: free a moment ago, and given out once only.
  package static func free() throws -> UInt16 {
    for _ in range {
      let number = given.wrappingAdd(1, ordering: .relaxed).oldValue
      let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
      defer { close(descriptor) }
      if let port = try? bind(descriptor, UInt16(range.lowerBound + (start + number) % range.count)) { return port }
    }
    throw POSIXError(.EADDRINUSE)
  }

  package static func isListening(_ port: UInt16, _ host: String = "127.0.0.1") -> Bool {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr(host)
    address.sin_port = port.bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
