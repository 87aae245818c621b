internal import CCurl
internal import Foundation
package import Vocabulary

/// Asks a web server whether a file is there, without fetching it.
package enum WebProbe {
  package enum Answer: Sendable, Equatable {
    /// Its size, where the server tells.
    case file(bytes: Int64?)
    /// An HTTP status that is not 2xx.
    case refused(Int)
    /// No answer, and why.
    case unreachable(String)
  }

  /// Seconds for the whole answer, redirects included.
  private static let patience = 20

  /// Blocks its thread.
  ///
  /// - Parameters:
  ///   - url: http or https.
  ///   - proxy: as `[download] proxy`; nil for the environment's.
  package static func head(_ url: String, proxy: String?, netrc: BytePath?) -> Answer {
    guard let handle = curl_easy_init() else { return .unreachable("out of memory") }
    defer { curl_easy_cleanup(handle) }
    ccurl_set_string(handle, CURLOPT_URL, url)
    ccurl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
    ccurl_set_string(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    ccurl_set_long(handle, CURLOPT_NOBODY, 1)
    ccurl_set_long(handle, CURLOPT_FOLLOWLOCATION, 1)
    ccurl_set_long(handle, CURLOPT_MAXREDIRS, 10)
    ccurl_set_long(handle, CURLOPT_TIMEOUT, patience)
    ccurl_set_long(handle, CURLOPT_NOSIGNAL, 1)
    if let proxy { ccurl_set_string(handle, CURLOPT_PROXY, proxy) }
    if let netrc {
      ccurl_set_long(handle, CURLOPT_NETRC, Int(CURL_NETRC_OPTIONAL.rawValue))
      _ = netrc.withCString { ccurl_set_string(handle, CURLOPT_NETRC_FILE, $0) }
    }
    let result = curl_easy_perform(handle)
    guard result == CURLE_OK else { return .unreachable(String(cString: curl_easy_strerror(result))) }
    var status = 0
    ccurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
    guard (200..<300).contains(status) else { return .refused(status) }
    var bytes: curl_off_t = -1
    ccurl_get_offset(handle, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &bytes)
    // What is made as it is asked for has no length, which some servers call 0.
    return .file(bytes: bytes > 0 ? Int64(bytes) : nil)
  }
}
