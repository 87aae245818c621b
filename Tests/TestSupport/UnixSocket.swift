internal import Foundation

/// A stream socket of a test's own, for what proper clients never do.
package struct UnixSocket: ~Copyable {
  private let descriptor: Int32

  package init(connectingTo path: String) throws {
    descriptor = try Self.open(path, connect)
  }

  /// The same as a descriptor, which the caller closes.
  package static func descriptor(connectingTo path: String) throws -> Int32 { try open(path, connect) }

  /// Bound, and with a queue for those who connect.
  package init(listeningAt path: String) throws {
    // Both at once: the file is there when somebody may connect.
    descriptor = try Self.open(path) { descriptor, address, length in
      let code = bind(descriptor, address, length)
      return code == 0 ? listen(descriptor, 8) : code
    }
  }

  /// Another descriptor of the same socket, for whoever takes it to close.
  package func duplicate() -> Int32 { fcntl(descriptor, F_DUPFD_CLOEXEC, 3) }

  /// Takes so many connections, one after the other, and closes each; then the listener.
  package static func reject(_ count: Int, at listener: Int32) {
    for _ in 0..<count { close(accept(listener, nil, nil)) }
    close(listener)
  }

  /// Leaves the file of a listener that is dead when this returns.
  package static func leaveStale(at path: String) throws { close(try open(path, bind)) }

  deinit { close(descriptor) }

  package func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Foundation.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  package func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Everything until the other side closes.
  package func readToEnd() -> String {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count <= 0 { return String(decoding: all, as: UTF8.self) }
      all += buffer.prefix(count)
    }
  }

  private static func open(
    _ path: String, _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    let code = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    if code != 0 {
      let code = errno
      close(descriptor)
      throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO)
    }
    return descriptor
  }
}
