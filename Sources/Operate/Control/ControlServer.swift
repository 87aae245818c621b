internal import CLinux
internal import CMicrohttpd
internal import Foundation
private import Synchronization
package import Vocabulary

/// Answers HTTP over a Unix socket: to whom its file's mode lets connect and `Admission` lets in.
package final class ControlServer: Sendable {
  private let socket: BytePath
  /// Whether the socket is the service manager's, which goes on to listen when this server stops.
  private let isInherited: Bool
  private let routes: ControlRoutes
  private let admission: Admission
  private let table = Mutex(ConnectionTable(limit: places))
  /// Connections at once. Beyond twice as many libmicrohttpd accepts nobody until one ends.
  private static let places = 256
  /// Set by `init` and taken by `stop`, both on the owner's thread; libmicrohttpd's threads never look at it.
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
    admission = Admission(socket: socket)
    let own = Unmanaged.passUnretained(self).toOpaque()
    daemon = cmicrohttpd_start(descriptor, UInt32(Self.places * 2), handler, requestCompleted, connectionChanged, own)
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

  // MARK: called by libmicrohttpd

  fileprivate func connected(_ connection: OpaquePointer, isOpen: Bool) {
    let key = ConnectionTable.Key(bitPattern: connection)
    // Under the lock, so that no descriptor of the table is closed, and another's by now, when it is shut.
    table.withLock { table in
      guard isOpen else { return table.close(key) }
      let descriptor = cmicrohttpd_descriptor(connection)
      let isAdmitted = admission.admits(descriptor)
      if let silent = table.open(key, descriptor, isAdmitted: isAdmitted, hasWords: Self.hasWords) {
        shutdown(silent, Int32(SHUT_RDWR))
      }
    }
  }

  private static func hasWords(_ descriptor: Int32) -> Bool {
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) > 0
  }

  fileprivate func completed(_ connection: OpaquePointer) {
    table.withLock { $0.answered(ConnectionTable.Key(bitPattern: connection)) }
  }

  /// The head has come. What it asks in vain is answered at once, whatever body was to follow.
  ///
  /// - Returns: nil when the body is to be waited for.
  fileprivate func begin(
    _ connection: OpaquePointer, method: String, path: String, into upload: inout Upload?
  )
    -> MHD_Result?
  {
    guard table.withLock({ $0.ask(ConnectionTable.Key(bitPattern: connection)) }) else {
      return send(Self.stranger, to: connection)
    }
    let isRead = ["GET", "HEAD"].contains(method)
    let announced = MHD_lookup_connection_value(connection, .HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH)
    if !isRead {
      let count = announced.map { Int(String(cString: $0)) ?? .max } ?? 0
      if let refusal = routes.refusal(method: method, path: path, announced: count) {
        return send(refusal, to: connection)
      }
    }
    upload = Upload(limit: isRead ? 0 : ControlRoute(path: path)?.bodyLimit ?? 0)
    return nil
  }

  fileprivate func answer(_ connection: OpaquePointer, method: String, path: String, body: Data) -> MHD_Result {
    var query: [String: String] = [:]
    withUnsafeMutablePointer(to: &query) { query in
      _ = MHD_get_connection_values(connection, .GET_ARGUMENT_KIND, collect, query)
    }
    return send(routes.answer(method: method, path: path, query: query, body: body), to: connection)
  }

  private static let stranger = ControlAnswer.problem(
    403, "you may not talk to primatrixd", next: "join its group, by default `primatrix`, or ask as root")

  private func send(_ answer: ControlAnswer, to connection: OpaquePointer) -> MHD_Result {
    guard let response = response(answer.body) else {
      // The file went away between the answer and its sending.
      guard case .file(_, let problem) = answer.body else { return .NO }
      return send(.json(problem, status: 404), to: connection)
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
    case .file(let path, _):
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

/// Called for the head, for each piece of a body, and to answer.
private let handler: cmicrohttpd_handler = { user, connection, url, method, _, bytes, count, request in
  guard let user, let connection, let url, let method, let request, let count else { return .NO }
  let server = Unmanaged<ControlServer>.fromOpaque(user).takeUnretainedValue()
  let (verb, path) = (String(cString: method), String(cString: url))
  guard let state = request.pointee else {
    var upload: Upload?
    if let answer = server.begin(connection, method: verb, path: path, into: &upload) { return answer }
    // Given back by `completed`.
    request.pointee = upload.map { Unmanaged.passRetained($0).toOpaque() }
    return .YES
  }
  let upload = Unmanaged<Upload>.fromOpaque(state).takeUnretainedValue()
  if count.pointee == 0 { return server.answer(connection, method: verb, path: path, body: upload.body) }
  guard upload.add(bytes, count.pointee) else { return .NO }
  count.pointee = 0
  return .YES
}

private let requestCompleted: MHD_RequestCompletedCallback = { user, connection, request, _ in
  guard let user, let connection, let request else { return }
  if let state = request.pointee { Unmanaged<Upload>.fromOpaque(state).release() }
  request.pointee = nil
  Unmanaged<ControlServer>.fromOpaque(user).takeUnretainedValue().completed(connection)
}

private let connectionChanged: MHD_NotifyConnectionCallback = { user, connection, _, event in
  guard let user, let connection else { return }
  Unmanaged<ControlServer>.fromOpaque(user).takeUnretainedValue().connected(
    connection, isOpen: event == .CONNECTION_NOTIFY_STARTED)
}

private let collect: MHD_KeyValueIterator = { user, _, name, value in
  guard let user, let name else { return .YES }
  let query = user.assumingMemoryBound(to: [String: String].self)
  query.pointee[String(cString: name)] = value.map { String(cString: $0) } ?? ""
  return query.pointee.count < 16 ? .YES : .NO
}
