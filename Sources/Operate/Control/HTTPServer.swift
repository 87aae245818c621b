internal import CMicrohttpd
internal import Foundation
private import Synchronization
internal import Vocabulary

/// Answers HTTP at a socket that listens: whom its gate lets in, with what its routes say.
final class HTTPServer: Sendable {
  private let gate: any Gate
  private let routes: any Routes
  private let table: Mutex<ConnectionTable>
  /// Set by `init` and taken by `stop`, both on the owner's thread; libmicrohttpd's threads never look at it.
  private nonisolated(unsafe) var daemon: OpaquePointer?

  /// Answers from now on; nil when it cannot, and the descriptor is closed then.
  ///
  /// - Parameters:
  ///   - descriptor: a socket that listens; the server's from now on.
  ///   - places: connections at once. Beyond twice as many libmicrohttpd accepts nobody until one ends.
  init?(_ descriptor: Int32, places: Int, gate: any Gate, routes: any Routes) {
    table = Mutex(ConnectionTable(limit: places))
    self.gate = gate
    self.routes = routes
    // Several threads wait for the next connection: the one that comes too late must not wait in accept(2).
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    let own = Unmanaged.passUnretained(self).toOpaque()
    daemon = cmicrohttpd_start(descriptor, UInt32(places * 2), handler, requestCompleted, connectionChanged, own)
    if daemon == nil {
      close(descriptor)
      return nil
    }
  }

  deinit { stop() }

  /// Ends open answers. May be called again.
  ///
  /// - Returns: whether it had not been stopped before.
  @discardableResult func stop() -> Bool {
    guard let daemon else { return false }
    self.daemon = nil
    // Taken back first: libmicrohttpd would shut it down for everybody who holds it, the service manager too.
    let descriptor = MHD_quiesce_daemon(daemon)
    MHD_stop_daemon(daemon)
    close(descriptor)
    return true
  }

  // MARK: called by libmicrohttpd

  fileprivate func connected(_ connection: OpaquePointer, isOpen: Bool) {
    let key = ConnectionTable.Key(bitPattern: connection)
    // Under the lock, so that no descriptor of the table is closed, and another's by now, when it is shut.
    table.withLock { table in
      guard isOpen else { return table.close(key) }
      let descriptor = cmicrohttpd_descriptor(connection)
      let isAdmitted = gate.admits(descriptor)
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
      return send(gate.refusal, to: connection)
    }
    let host = MHD_lookup_connection_value(connection, .HEADER_KIND, MHD_HTTP_HEADER_HOST)
    guard gate.admits(host: host.map { String(cString: $0) }) else { return send(gate.refusal, to: connection) }
    let isRead = ["GET", "HEAD"].contains(method)
    let announced = MHD_lookup_connection_value(connection, .HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH)
    if !isRead {
      let count = announced.map { Int(String(cString: $0)) ?? .max } ?? 0
      if let refusal = routes.refusal(method: method, path: path, announced: count) {
        return send(refusal, to: connection)
      }
    }
    upload = Upload(limit: isRead ? 0 : routes.bodyLimit(of: path))
    return nil
  }

  fileprivate func answer(_ connection: OpaquePointer, method: String, path: String, body: Data) -> MHD_Result {
    var query: [String: String] = [:]
    withUnsafeMutablePointer(to: &query) { query in
      _ = MHD_get_connection_values(connection, .GET_ARGUMENT_KIND, collect, query)
    }
    return send(routes.answer(method: method, path: path, query: query, body: body), to: connection)
  }

  private func send(_ answer: ControlAnswer, to connection: OpaquePointer) -> MHD_Result {
    guard let response = response(answer.body) else {
      // The file went away between the answer and its sending.
      guard case .file(_, let problem) = answer.body else { return .NO }
      return send(.json(problem, status: 404), to: connection)
    }
    defer { MHD_destroy_response(response) }
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, answer.contentType)
    if let allowed = answer.allowed { MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, allowed) }
    if let policy = answer.policy { MHD_add_response_header(response, "Content-Security-Policy", policy) }
    MHD_add_response_header(response, "X-Content-Type-Options", "nosniff")
    MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store")
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
  let server = Unmanaged<HTTPServer>.fromOpaque(user).takeUnretainedValue()
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
  Unmanaged<HTTPServer>.fromOpaque(user).takeUnretainedValue().completed(connection)
}

private let connectionChanged: MHD_NotifyConnectionCallback = { user, connection, _, event in
  guard let user, let connection else { return }
  Unmanaged<HTTPServer>.fromOpaque(user).takeUnretainedValue().connected(
    connection, isOpen: event == .CONNECTION_NOTIFY_STARTED)
}

private let collect: MHD_KeyValueIterator = { user, _, name, value in
  guard let user, let name else { return .YES }
  let query = user.assumingMemoryBound(to: [String: String].self)
  query.pointee[String(cString: name)] = value.map { String(cString: $0) } ?? ""
  return query.pointee.count < 16 ? .YES : .NO
}
