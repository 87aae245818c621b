internal import CLinux
internal import Foundation
internal import Vocabulary

/// One end of a pair of Unix sockets that keep message borders. Each message is JSON of bounded size.
final class MessageSocket {
  let descriptor: Int32
  private static let limit = 64 << 10

  /// Takes ownership of the descriptor.
  init(owning descriptor: Int32) { self.descriptor = descriptor }
  deinit { close(descriptor) }

  static func pair() throws(ExchangeError) -> (MessageSocket, MessageSocket) {
    var ends: [Int32] = [-1, -1]
    let code = clinux_message_pair(&ends)
    guard code == 0 else { throw .system("socketpair", code) }
    return (MessageSocket(owning: ends[0]), MessageSocket(owning: ends[1]))
  }

  /// - Parameter passing: a descriptor whose copy goes along.
  func send(_ message: some Encodable, passing passed: Int32? = nil) throws(ExchangeError) {
    guard let bytes = try? CanonicalJSON.encode(message), bytes.count <= Self.limit else { throw .malformed }
    let code = bytes.withUnsafeBytes {
      clinux_send_message(descriptor, $0.baseAddress, $0.count, passed ?? -1)
    }
    switch code {
    case 0: return
    case EPIPE, ECONNRESET: throw .closed
    default: throw .system("sendmsg", code)
    }
  }

  /// Nil when the other end has closed. A descriptor that came along belongs to the caller.
  func receive<Message: Decodable>(
    _ type: Message.Type, acceptingDescriptor: Bool
  ) throws(ExchangeError) -> (message: Message, descriptor: Int32)? {
    var passed: Int32 = -1
    var bytes = [UInt8](repeating: 0, count: Self.limit)
    var count = 0
    repeat {
      count = withUnsafeMutablePointer(to: &passed) {
        clinux_receive_message(descriptor, &bytes, bytes.count, acceptingDescriptor ? $0 : nil)
      }
      // Told once when the other end died with our messages unread; what it sent before is still to be had.
    } while count == -Int(ECONNRESET)
    if count == 0 { return nil }
    if count == -Int(EMSGSIZE) { throw .malformed }
    guard count > 0 else { throw .system("recvmsg", Int32(-count)) }
    guard let message = try? CanonicalJSON.decode(type, from: Data(bytes[..<count])) else {
      if passed >= 0 { close(passed) }
      throw .malformed
    }
    return (message, passed)
  }

  /// False when nothing came within that time.
  func waits(milliseconds: Int32) throws(ExchangeError) -> Bool {
    var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let deadline = ContinuousClock.now + .milliseconds(Int(milliseconds))
    while true {
      let left = (deadline - .now) / .milliseconds(1)
      let count = poll(&polled, 1, Int32(max(0, left.rounded(.up))))
      if count > 0 { return true }
      if count == 0 { return false }
      guard errno == EINTR else { throw .system("poll", errno) }
    }
  }
}

/// Why two processes cannot exchange frames.
package enum ExchangeError: Error, CustomStringConvertible {
  /// A call and its errno.
  case system(String, Int32)
  case closed
  /// A message that is too long or says nothing we know.
  case malformed

  package var description: String {
    switch self {
    case .system(let call, let code): "the exchange of frames failed: \(call): \(String(cString: strerror(code)))"
    case .closed: "the exchange of frames has ended"
    case .malformed: "the exchange of frames broke its own rules"
    }
  }
}
