internal import CCurl  // Its module map claims the C library's socket types.
internal import Foundation

/// `host:port`, as numbers.
struct PeerAddress: Equatable {
  var host: String
  var port: Int32

  /// All addresses of a host; none when the text is no `host:port` or nobody knows the name. IPv6 is written `[::1]:6881`.
  static func resolve(_ text: String) -> [PeerAddress] {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0 else {
      return []
    }
    let host = text[..<colon].trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
    var found: UnsafeMutablePointer<addrinfo>?
    guard !host.isEmpty, getaddrinfo(host, nil, nil, &found) == 0 else { return [] }
    defer { freeaddrinfo(found) }
    // Once for each kind of socket.
    var result: [PeerAddress] = []
    var next = found
    while let each = next {
      var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      let length = socklen_t(name.count)
      if getnameinfo(each.pointee.ai_addr, each.pointee.ai_addrlen, &name, length, nil, 0, NI_NUMERICHOST) == 0 {
        let address = PeerAddress(host: Acquisition.text(name), port: Int32(port))
        if !result.contains(address) { result.append(address) }
      }
      next = each.pointee.ai_next
    }
    return result
  }
}
