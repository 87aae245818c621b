internal import CLinux
internal import Foundation
package import Vocabulary

/// Answers HTTP over a Unix socket: to whom its file's mode lets connect and `Admission` lets in.
package final class ControlServer: Sendable {
  private let socket: BytePath
  /// Whether the socket is the service manager's, which goes on to listen when this server stops.
  private let isInherited: Bool
  private let server: HTTPServer
  private static let places = 256

  package enum Refusal: Error, CustomStringConvertible {
    case inUse(BytePath, pid: Int32)
    case unusable(BytePath, reason: String)

    package var description: String {
      switch self {
      case .inUse(let path, let pid):
        "\(path): process \(pid) listens there; give this daemon another [control] socket"
      case .unusable(let path, let reason):
        "\(path): cannot be listened at: \(reason); its folder must exist and be writable, see [control] socket"
      }
    }
  }

  /// Listens from now on. A socket file that a dead daemon left is replaced.
  ///
  /// - Parameter inherited: a descriptor of this server's own that listens at `socket` already.
  package init(socket: BytePath, inherited: Int32? = nil, service: any ControlService) throws(Refusal) {
    self.socket = socket
    isInherited = inherited != nil
    let descriptor: Int32
    if let inherited { descriptor = inherited } else { descriptor = try Self.listen(socket) }
    guard
      let server = HTTPServer(
        descriptor, places: Self.places, gate: Admission(socket: socket), routes: ControlRoutes(service))
    else {
      throw .unusable(socket, reason: "the server cannot be started")
    }
    self.server = server
  }

  private static func listen(_ socket: BytePath) throws(Refusal) -> Int32 {
    let holder = socket.withCString { clinux_listener($0) }
    if holder > 0 { throw .inUse(socket, pid: holder) }
    if holder == -ECONNREFUSED {
      guard isSocket(socket) else { throw .unusable(socket, reason: "a file that is no socket is there") }
      _ = socket.withCString { unlink($0) }
    }
    let descriptor = socket.withCString { clinux_listen($0) }
    if descriptor < 0 { throw .unusable(socket, reason: String(cString: strerror(-descriptor))) }
    return descriptor
  }

  /// Connecting to any other file is refused in the same words, and it is not ours to remove.
  private static func isSocket(_ path: BytePath) -> Bool {
    var status = stat()
    return path.withCString { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFSOCK
  }

  deinit { stop() }

  /// Ends open answers and, unless it was inherited, removes the socket. May be called again.
  package func stop() {
    guard server.stop(), !isInherited else { return }
    _ = socket.withCString { unlink($0) }
  }
}
