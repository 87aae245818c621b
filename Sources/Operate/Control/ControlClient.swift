internal import CCurl
internal import CLinux
package import Foundation
package import Vocabulary

/// Asks the daemon over its socket. Blocks its thread.
package struct ControlClient: Sendable {
  private let socket: BytePath

  package init(socket: BytePath) { self.socket = socket }

  package enum Failure: Error, CustomStringConvertible, Equatable {
    /// Nobody listens.
    case notRunning(BytePath)
    case notAllowed(BytePath)
    /// It took the request and gave no answer.
    case ended(BytePath)
    case refused(ControlProblem)
    case broken(String)

    package var description: String {
      switch self {
      case .notRunning(let path):
        "primatrixd is not running (nobody listens at \(path)); start it with `primatrixctl start`"
      case .notAllowed(let path):
        "you may not talk to primatrixd (\(path)); join its group, by default `primatrix`, or ask as root"
      case .ended(let path):
        "primatrixd ended, or could not be started, before it answered (\(path)); `primatrixctl start` says why"
      case .refused(let problem): "\(problem.problem); \(problem.next)"
      case .broken(let reason): "primatrixd does not answer as it should: \(reason)"
      }
    }
  }

  package func status() throws(Failure) -> StatusReport { try decode(get("/v1/status")) }

  package func clips(_ query: ClipQuery) throws(Failure) -> ClipPage {
    let state = query.state.map { "&state=\($0)" } ?? ""
    return try decode(get("/v1/clips?after=\(query.after)&limit=\(query.limit)\(state)"))
  }

  /// - Parameter name: its digest's first digits, its path, or the end of it.
  package func clip(_ name: String) throws(Failure) -> ClipDetail {
    let plain = CharacterSet.alphanumerics.intersection(CharacterSet(charactersIn: "\u{0}"..."\u{7F}"))
    return try decode(get("/v1/clip?name=\(name.addingPercentEncoding(withAllowedCharacters: plain) ?? "")"))
  }

  package func runs() throws(Failure) -> RunList { try decode(get("/v1/runs")) }
  package func submission() throws(Failure) -> Data { try get("/v1/submission") }
  /// `report.json` as it is.
  package func report() throws(Failure) -> Data { try get("/v1/report") }

  /// - Returns: what happens now, for a person.
  package func ask(_ request: ControlRequest) throws(Failure) -> String {
    let answer: ControlAcceptance = try decode(get(request.route.path, body: Data()))
    return answer.accepted
  }

  /// - Returns: what happens now, for a person.
  package func retry(_ request: RetryRequest) throws(Failure) -> String {
    guard let body = try? ControlJSON.encoder.encode(request) else { throw .broken("the names cannot be encoded") }
    let answer: ControlAcceptance = try decode(get(ControlRoute.retry.path, body: body))
    return answer.accepted
  }

  /// Has the configuration read again.
  ///
  /// - Returns: what has changed, for a person.
  package func reload() throws(Failure) -> String {
    let answer: ControlAcceptance = try decode(get(ControlRoute.reload.path, body: Data()))
    return answer.accepted
  }

  /// The daemon's process number, from the kernel and not from the daemon; nil when nobody listens, 1 where
  /// systemd listens for it.
  package func listener() -> Int32? {
    let pid = socket.withCString { clinux_listener($0) }
    return pid > 0 ? pid : nil
  }

  private func decode<Value: Decodable>(_ data: Data) throws(Failure) -> Value {
    do {
      return try ControlJSON.decoder.decode(Value.self, from: data)
    } catch {
      throw .broken("its answer is that of another version; restart it after an update (\(error))")
    }
  }

  /// - Parameter request: the body of a POST; nil for a GET.
  private func get(_ route: String, body request: Data? = nil) throws(Failure) -> Data {
    let code = socket.withCString { clinux_listener($0) }
    switch -code {
    case ENOENT, ECONNREFUSED: throw .notRunning(socket)
    case EACCES, EPERM: throw .notAllowed(socket)
    default: if code < 0 { throw .broken("\(socket): \(String(cString: strerror(-code)))") }
    }
    guard let handle = curl_easy_init() else { throw .broken("out of memory") }
    defer { curl_easy_cleanup(handle) }
    let body = Body()
    if let request {
      ccurl_set_long(handle, CURLOPT_POST, 1)
      ccurl_set_long(handle, CURLOPT_POSTFIELDSIZE, request.count)
      let text = request + [0]
      // Copied before it is read from: the size comes first.
      _ = text.withUnsafeBytes {
        ccurl_set_string(handle, CURLOPT_COPYPOSTFIELDS, $0.baseAddress?.assumingMemoryBound(to: CChar.self))
      }
    }
    ccurl_set_string(handle, CURLOPT_URL, "http://primatrixd\(route)")
    _ = socket.withCString { ccurl_set_string(handle, CURLOPT_UNIX_SOCKET_PATH, $0) }
    ccurl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http")
    ccurl_set_string(handle, CURLOPT_PROXY, "")
    ccurl_set_long(handle, CURLOPT_TIMEOUT, 60)
    ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1)
    ccurl_set_pointer(handle, CURLOPT_WRITEDATA, Unmanaged.passUnretained(body).toOpaque())
    ccurl_set_data_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, user in
      guard let bytes, let user else { return 0 }
      let body = Unmanaged<Body>.fromOpaque(user).takeUnretainedValue()
      body.data.append(UnsafeRawPointer(bytes).assumingMemoryBound(to: UInt8.self), count: size * count)
      return size * count
    }
    let result = withExtendedLifetime(body) { curl_easy_perform(handle) }
    if [CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR].contains(result) { throw .ended(socket) }
    guard result == CURLE_OK else { throw .broken(String(cString: curl_easy_strerror(result))) }
    var status = 0
    ccurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    if (200..<300).contains(status) { return body.data }
    if status == 403 { throw .notAllowed(socket) }
    if let problem = try? ControlJSON.decoder.decode(ControlProblem.self, from: body.data) { throw .refused(problem) }
    throw .broken("HTTP \(status)")
  }

  private final class Body {
    var data = Data()
  }
}
