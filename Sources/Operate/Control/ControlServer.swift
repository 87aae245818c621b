internal import CLinux
internal import CMicrohttpd
internal import Foundation
package import Vocabulary

/// Answers HTTP over a Unix socket. Who may ask is the file's mode: its owner and group (the kernel checks it at connect).
package final class ControlServer: Sendable {
  private let socket: BytePath
  /// Whether the socket is the service manager's, which goes on to listen when this server stops.
  private let isInherited: Bool
  private let routes: ControlRoutes
  /// Set once in `init`; libmicrohttpd's own calls are thread-safe.
  private nonisolated(unsafe) var daemon: OpaquePointer?

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
    routes = ControlRoutes(service)
    let descriptor: Int32
    if let inherited { descriptor = inherited } else { descriptor = try Self.listen(socket) }
    // Several threads wait for the next connection: the one that comes too late must not wait in accept(2).
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    let own = Unmanaged.passUnretained(self).toOpaque()
    daemon = cmicrohttpd_start(descriptor, handler, own)
    if daemon == nil {
      close(descriptor)
      throw .unusable(socket, reason: "the server cannot be started")
    }
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

  deinit { stop() }

  /// Ends open answers and, unless it was inherited, removes the socket. May be called again.
  package func stop() {
    guard let daemon else { return }
    self.daemon = nil
    // Taken back first: libmicrohttpd would shut it down for everybody who holds it, the service manager too.
    let descriptor = MHD_quiesce_daemon(daemon)
    MHD_stop_daemon(daemon)
    close(descriptor)
    if !isInherited { _ = socket.withCString { unlink($0) } }
  }

  /// Connecting to any other file is refused in the same words, and it is not ours to remove.
  private static func isSocket(_ path: BytePath) -> Bool {
    var status = stat()
    return path.withCString { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFSOCK
  }

  fileprivate func answer(_ connection: OpaquePointer, method: String, path: String) -> MHD_Result {
    var query: [String: String] = [:]
    withUnsafeMutablePointer(to: &query) { query in
      _ = MHD_get_connection_values(connection, .GET_ARGUMENT_KIND, collect, query)
    }
    return send(routes.answer(method: method, path: path, query: query), to: connection)
  }

  private func send(_ answer: ControlAnswer, to connection: OpaquePointer) -> MHD_Result {
    guard let response = response(answer.body) else {
      // The file went away between the answer and its sending.
      return if case .file = answer.body { send(ControlRoutes.noSubmission, to: connection) } else { .NO }
    }
    defer { MHD_destroy_response(response) }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.contentType)
    if let allowed = answer.allowed { MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allowed) }
    return MHD_queue_response(connection, UInt32(answer.status), response)
  }

  private func response(_ body: ControlAnswer.Body) -> OpaquePointer? {
    switch body {
    case .bytes(let data):
      return data.withUnsafeBytes { bytes in
        MHD_create_response_from_buffer(
          bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), .RESPMEM_MUST_COPY)
      }
    case .file(let path):
      let descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
      var status = stat()
      guard descriptor >= 0 else { return nil }
      // libmicrohttpd closes the descriptor with the response.
      if fstat(descriptor, &status) == 0,
        let response = MHD_create_response_from_fd64(UInt64(status.st_size), descriptor)
      {
        return response
      }
      close(descriptor)
      return nil
    }
  }
}

/// Called for the head, for each piece of a body, and to answer. Whoever sends a body wants something that this API does
/// not do: that is said after the head, before the body; the body of a GET ends the connection.
private let handler: cmicrohttpd_handler = { user, connection, url, method, _, _, uploadSize, request in
  guard let user, let connection, let url, let method, let request, let uploadSize else { return .NO }
  let isRead = ["GET", "HEAD"].contains(String(cString: method))
  if request.pointee == nil, isRead {
    request.pointee = user
    return .YES
  }
  if uploadSize.pointee > 0 { return .NO }
  let server = Unmanaged<ControlServer>.fromOpaque(user).takeUnretainedValue()
  return server.answer(connection, method: String(cString: method), path: String(cString: url))
}

private let collect: MHD_KeyValueIterator = { user, _, name, value in
  guard let user, let name else { return .YES }
  let query = user.assumingMemoryBound(to: [String: String].self)
  query.pointee[String(cString: name)] = value.map { String(cString: $0) } ?? ""
  return query.pointee.count < 16 ? .YES : .NO
}
