internal import CCurl
internal import Vocabulary

/// A small document over HTTP, as a whole and in memory.
final class BoundedGet {
  private let url: String
  private let limit: Int
  private let stop: StopFlag
  private var bytes: [UInt8] = []
  private var isTooLong = false

  private init(_ url: String, _ limit: Int, _ stop: StopFlag) {
    self.url = url
    self.limit = limit
    self.stop = stop
  }

  /// Blocks. Redirects are followed, to http and https only.
  ///
  /// - Throws: `AcquisitionError`, or `CancellationError` when `stop` is raised.
  static func fetch(_ url: String, limit: Int, stop: StopFlag) throws -> [UInt8] {
    try BoundedGet(url, limit, stop).perform()
  }

  private func perform() throws -> [UInt8] {
    guard let handle = curl_easy_init() else { throw AcquisitionError(isPermanent: false, "libcurl: out of memory") }
    defer { curl_easy_cleanup(handle) }
    ccurl_set_string(handle, CURLOPT_URL, url)
    ccurl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
    ccurl_set_string(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    ccurl_set_string(handle, CURLOPT_USERAGENT, "primatrix/\(Version.text)")
    let numbers: [(CURLoption, Int)] = [
      (CURLOPT_NOSIGNAL, 1), (CURLOPT_FAILONERROR, 1), (CURLOPT_FOLLOWLOCATION, 1), (CURLOPT_MAXREDIRS, 10),
      (CURLOPT_CONNECTTIMEOUT, 30), (CURLOPT_LOW_SPEED_LIMIT, 1), (CURLOPT_LOW_SPEED_TIME, 60),
      (CURLOPT_TIMEOUT, 600), (CURLOPT_NOPROGRESS, 0),
    ]
    for (option, value) in numbers { ccurl_set_long(handle, option, value) }
    let own = Unmanaged.passUnretained(self).toOpaque()
    ccurl_set_pointer(handle, CURLOPT_WRITEDATA, own)
    ccurl_set_pointer(handle, CURLOPT_XFERINFODATA, own)
    ccurl_set_data_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, user in
      let part = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return BoundedGet.own(user).take(part) ? part.count : 0
    }
    ccurl_set_progress_callback(handle) { user, _, _, _, _ in BoundedGet.own(user).stop.isRaised ? 1 : 0 }
    let code = curl_easy_perform(handle)
    if stop.isRaised { throw CancellationError() }
    guard code == CURLE_OK else { throw failure(code, handle) }
    return bytes
  }

  private func take(_ part: UnsafeRawBufferPointer) -> Bool {
    isTooLong = bytes.count + part.count > limit
    if !isTooLong { bytes += part }
    return !isTooLong
  }

  private func failure(_ code: CURLcode, _ handle: UnsafeMutableRawPointer) -> AcquisitionError {
    let shown = Mirror.shown(url)
    if isTooLong {
      return AcquisitionError(isPermanent: true, "\(shown): has more than \(limit) bytes; is it a .torrent?")
    }
    if code == CURLE_HTTP_RETURNED_ERROR {
      var status = 0
      ccurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
      let isPermanent = [400, 401, 403, 404, 405, 410, 451].contains(status)
      return AcquisitionError(isPermanent: isPermanent, "\(shown): the server answers with HTTP \(status)")
    }
    let isPermanent = [CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_TOO_MANY_REDIRECTS].contains(code)
    return AcquisitionError(isPermanent: isPermanent, "\(shown): \(String(cString: curl_easy_strerror(code)))")
  }

  private static func own(_ user: UnsafeMutableRawPointer?) -> BoundedGet {
    guard let user else { preconditionFailure("libcurl hands back what it was given") }
    return Unmanaged<BoundedGet>.fromOpaque(user).takeUnretainedValue()
  }
}
