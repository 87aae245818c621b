internal import CCurl
internal import Foundation
internal import Vocabulary

/// What went wrong, in words, and whether time may mend it.
extension Transfer {
  /// Neither an error nor a file, such as a redirect to nowhere.
  func unusable() -> AcquisitionError {
    AcquisitionError(
      isPermanent: true, "\(Self.shown(url)): the server answers with HTTP \(head.status), which is no file")
  }

  /// An address without what may be secret in it.
  static func shown(_ url: String) -> String {
    if url.hasPrefix("/") { return url }
    guard var parts = URLComponents(string: url) else { return "an address that is none" }
    parts.user = nil
    parts.password = nil
    parts.query = nil
    return parts.string ?? url
  }

  func error(_ code: CURLcode) -> AcquisitionError {
    let shown = Self.shown(url)
    if code == CURLE_HTTP_RETURNED_ERROR {
      let isPermanent = [400, 401, 403, 404, 405, 410, 451].contains(head.status)
      let next = isPermanent ? "; check urls of this source in the configuration" : ""
      return AcquisitionError(isPermanent: isPermanent, "\(shown): the server answers with HTTP \(head.status)\(next)")
    }
    let permanent = [
      CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_TOO_MANY_REDIRECTS,
    ]
    let isRedirected = code == CURLE_UNSUPPORTED_PROTOCOL && (300..<400).contains(head.status)
    let reason =
      isRedirected
      ? "the server redirects to an address that is neither http nor https" : String(cString: curl_easy_strerror(code))
    return AcquisitionError(isPermanent: permanent.contains(code), "\(shown): \(reason)")
  }
}
