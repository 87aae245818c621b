internal import CCurl
internal import Foundation
internal import Vocabulary

/// One request by libcurl. Its callbacks run on the thread that drives the multi handle.
final class Transfer {
  /// Whoever takes the bytes. Called from inside libcurl, which must not be called back then, except to look things up.
  protocol Taker: AnyObject {
    /// Looks at the head, before the first byte and for an empty body too. False ends the transfer.
    func begins(_ transfer: Transfer) -> Bool
    /// Nil when there is no room for the bytes now: they are offered again once the transfer is resumed.
    func takes(_ bytes: UnsafeRawBufferPointer, of transfer: Transfer) -> Bool?
  }

  let id: Int
  /// Index of its mirror.
  let mirror: Int
  let question: Answer.Question
  let started: Double
  let handle: UnsafeMutableRawPointer
  private(set) var head = ResponseHead()
  /// Set when the head was found good: the bytes to come, from the next one to the end, which may move nearer.
  var rest: Range<Int64>?
  /// Part of the range was given to another: its end comes before the response's.
  var isClipped = false
  /// Bytes of the offered piece that were taken already when there was no room for all of it.
  var taken = 0
  /// The bytes belong to nobody's question any more.
  var isDone = false
  /// Why it was ended from this side.
  var end: (any Error)?
  var answer: Answer?
  var received: Int64 = 0
  var rate: Double?
  var measured: (time: Double, bytes: Int64)
  private(set) var isPaused = false
  /// Behind a redirect, a private address was refused.
  private(set) var isAstray = false
  private(set) var hasBegun = false
  private var startedPrivately: Bool?
  private unowned let taker: any Taker
  private var headers: UnsafeMutablePointer<curl_slist>?

  init(
    id: Int, mirror: Int, url: String, question: Answer.Question, options: HTTPOptions, taker: any Taker, now: Double
  ) throws {
    guard let handle = curl_easy_init() else { throw AcquisitionError(isPermanent: false, "libcurl: out of memory") }
    self.id = id
    self.mirror = mirror
    self.question = question
    self.handle = handle
    self.taker = taker
    started = now
    measured = (now, 0)
    configure(url, options)
    connectCallbacks()
  }

  deinit {
    curl_easy_cleanup(handle)
    curl_slist_free_all(headers)
  }

  func resume() {
    guard isPaused else { return }
    isPaused = false
    _ = curl_easy_pause(handle, 0)
  }

  /// What the server asks for by `Retry-After`, in seconds.
  var retryAfter: Double? {
    var seconds: curl_off_t = 0
    guard ccurl_get_offset(handle, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK, seconds > 0 else { return nil }
    return Double(seconds)
  }

  private func configure(_ url: String, _ options: HTTPOptions) {
    ccurl_set_string(handle, CURLOPT_URL, url)
    ccurl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
    ccurl_set_string(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    ccurl_set_string(handle, CURLOPT_USERAGENT, "primatrix/\(Version.text)")
    let numbers: [(CURLoption, Int)] = [
      (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 1), (CURLOPT_MAXREDIRS, 10),
      (CURLOPT_CONNECTTIMEOUT, options.connect), (CURLOPT_LOW_SPEED_LIMIT, 16), (CURLOPT_LOW_SPEED_TIME, options.stall),
      (CURLOPT_TCP_KEEPALIVE, 1), (CURLOPT_BUFFERSIZE, 512 << 10), (CURLOPT_SUPPRESS_CONNECT_HEADERS, 1),
      // One connection for each request: over HTTP/2 they would all share one.
      (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
    ]
    for (option, value) in numbers { ccurl_set_long(handle, option, value) }
    if let proxy = options.proxy { ccurl_set_string(handle, CURLOPT_PROXY, proxy) }
    if options.netrc != .none { ccurl_set_long(handle, CURLOPT_NETRC, Int(CURL_NETRC_OPTIONAL.rawValue)) }
    if case .file(let path) = options.netrc {
      path.withCString { _ = ccurl_set_string(handle, CURLOPT_NETRC_FILE, $0) }
    }
    // libcurl's own resuming sends no If-Range and would join two versions of a file.
    if let range = question.range {
      headers = curl_slist_append(headers, "Range: bytes=\(range.lowerBound)-\(range.upperBound - 1)")
    }
    if let tag = question.tag { headers = curl_slist_append(headers, "If-Range: \(tag)") }
    headers = curl_slist_append(headers, "Accept-Encoding: identity")
    ccurl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
  }

  private func connectCallbacks() {
    let own = Unmanaged.passUnretained(self).toOpaque()
    for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_OPENSOCKETDATA, CURLOPT_PRIVATE] {
      ccurl_set_pointer(handle, option, own)
    }
    ccurl_set_data_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, user in
      let line = String(decoding: Transfer.buffer(bytes, size * count), as: UTF8.self)
      return Transfer.own(user).takesLine(line) ? size * count : 0
    }
    ccurl_set_data_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, user in
      Transfer.own(user).takes(Transfer.buffer(bytes, size * count))
    }
    ccurl_set_socket_callback(handle) { user, _, address in
      guard let address else { return CURL_SOCKET_BAD }
      return Transfer.own(user).opens(address)
    }
  }

  static func own(_ user: UnsafeMutableRawPointer?) -> Transfer {
    guard let user else { preconditionFailure("libcurl hands back what it was given") }
    return Unmanaged<Transfer>.fromOpaque(user).takeUnretainedValue()
  }

  private static func buffer(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: bytes, count: count)
  }

  private func takesLine(_ line: String) -> Bool {
    // A connection that was open already had its address looked at when it was opened, but maybe for another mirror.
    if head.status == 0, line.hasPrefix("HTTP/"), startedPrivately == nil { startedPrivately = isPeerPrivate }
    guard head.take(line) else {
      answer = .refused("the server sends an endless head")
      return false
    }
    if head.isRedirected, startedPrivately == false, isPeerPrivate == true {
      isAstray = true
      return false
    }
    return true
  }

  private func takes(_ bytes: UnsafeRawBufferPointer) -> Int {
    if !begin() { return 0 }
    switch taker.takes(bytes, of: self) {
    case true?: return bytes.count
    case false?: return 0
    case nil:
      isPaused = true
      return Int(CURL_WRITEFUNC_PAUSE)
    }
  }

  /// Has the head looked at, once.
  func begin() -> Bool {
    if hasBegun { return true }
    hasBegun = true
    return taker.begins(self)
  }

  private func opens(_ address: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
    let isPrivate = withUnsafePointer(to: &address.pointee.addr) { PrivateAddress.isPrivate($0) }
    let isBehindRedirect = (300..<400).contains(head.status) || head.isRedirected
    if !isBehindRedirect {
      startedPrivately = isPrivate
    } else if startedPrivately == false && isPrivate {
      isAstray = true
      return CURL_SOCKET_BAD
    }
    return socket(
      address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
  }

  private var isPeerPrivate: Bool? {
    var text: UnsafePointer<CChar>?
    guard ccurl_get_string(handle, CURLINFO_PRIMARY_IP, &text) == CURLE_OK, let text else { return nil }
    let address = String(cString: text)
    return address.isEmpty ? nil : PrivateAddress.isPrivate(address)
  }
}
