internal import Foundation
private import Synchronization

/// An HTTP server that answers with exactly the bytes that a test gives it and then closes the connection: what real
/// servers would refuse to send is sent. Listens on a port of its own of 127.0.0.1 until the value goes away.
package final class RawServer: Sendable {
  package struct Request: Sendable {
    package var path: String
    /// By lower-case name.
    package var headers: [String: String]
    /// Counted from 1 over all requests.
    package var number: Int

    /// First byte that is asked for by `Range: bytes=N-`; nil for a plain request.
    package var first: Int? {
      headers["range"].flatMap { $0.hasPrefix("bytes=") ? Int($0.dropFirst(6).dropLast()) : nil }
    }
  }

  package let port: UInt16
  private let listener: Int32
  private let seen = Mutex<[Request]>([])

  /// - Parameter answer: everything that goes over the wire, head and body.
  package init(_ answer: @escaping @Sendable (Request) -> [UInt8]) throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    port = try LocalPort.bind(listener)
    guard listen(listener, 16) == 0 else { throw POSIXError(.EADDRINUSE) }
    let thread = Thread { [listener, weak self] in
      while true {
        let connection = accept(listener, nil, nil)
        if connection < 0 { return }
        if let head = Self.head(connection), let request = self?.note(head) { Self.send(answer(request), connection) }
        close(connection)
      }
    }
    thread.start()
  }

  deinit {
    // Wakes the thread out of accept(2); the number stays taken until it has seen that.
    shutdown(listener, Int32(SHUT_RDWR))
  }

  package func url(_ path: String) -> String { "http://127.0.0.1:\(port)/\(path)" }

  package var requests: [Request] { seen.withLock { $0 } }

  /// The answer of a server that does everything right: 206 where the tag is the one that is asked for, else 200.
  package static func honest(_ request: Request, _ content: [UInt8], tag: String = "\"v1\"") -> [UInt8] {
    guard let first = request.first, request.headers["if-range"] == tag else {
      return reply(200, ["Content-Length: \(content.count)", "ETag: \(tag)"], content)
    }
    if first >= content.count { return reply(416, ["Content-Range: bytes */\(content.count)", "Content-Length: 0"]) }
    let range = "Content-Range: bytes \(first)-\(content.count - 1)/\(content.count)"
    return reply(206, ["Content-Length: \(content.count - first)", range, "ETag: \(tag)"], content[first...])
  }

  package static func reply(_ status: Int, _ headers: [String], _ body: some Sequence<UInt8> = []) -> [UInt8] {
    Array("HTTP/1.1 \(status) Test\r\n\((headers + ["Connection: close"]).joined(separator: "\r\n"))\r\n\r\n".utf8)
      + body
  }

  private func note(_ head: String) -> Request {
    let lines = head.split(separator: "\r\n")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
    }
    let path = lines.first?.split(separator: " ").dropFirst().first.map(String.init) ?? ""
    return seen.withLock {
      $0.append(Request(path: path, headers: headers, number: $0.count + 1))
      return $0[$0.count - 1]
    }
  }

  private static func head(_ connection: Int32) -> String? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count < 1 << 16, recv(connection, &byte, 1, 0) == 1 {
      bytes.append(byte)
      if bytes.suffix(4) == [13, 10, 13, 10] { return String(decoding: bytes, as: UTF8.self) }
    }
    return nil
  }

  private static func send(_ bytes: [UInt8], _ connection: Int32) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Foundation.send(connection, $0.baseAddress?.advanced(by: done), bytes.count - done, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { return }
      done += count
    }
  }
}

/// Ports of 127.0.0.1 that nobody uses.
package enum LocalPort {
  /// Binds a socket to one.
  static func bind(_ socket: Int32) throws -> UInt16 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
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

  /// For programs that bind themselves: free a moment ago.
  package static func free() throws -> UInt16 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    defer { close(descriptor) }
    return try bind(descriptor)
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
