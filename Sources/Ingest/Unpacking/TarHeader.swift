/// What we know of tar headers (POSIX.1-2001 ustar, and GNU's additions) beside libarchive.
enum TarHeader {
  static let bytes = 512

  /// A header of an empty folder. A reader that is to begin in the middle of an archive gets it first, so that it takes
  /// what follows for tar however damaged that may be.
  static let folder: [UInt8] = {
    var header = [UInt8](repeating: 0, count: bytes)
    func put(_ text: String, at offset: Int) {
      header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }
    put("./", at: 0)
    put("0000755", at: 100)
    for field in [108, 116] { put("0000000", at: field) }
    for field in [124, 136] { put("00000000000", at: field) }
    put("5", at: 156)
    put("ustar\u{0}00", at: 257)
    let digits = String(sum(header), radix: 8)
    put(String(repeating: "0", count: 6 - digits.count) + digits + "\0 ", at: 148)
    return header
  }()

  /// True for the header at the beginning of a further volume (GNU tar's type `M`).
  static func isContinuation(_ header: [UInt8]) -> Bool {
    guard header.count == bytes, header[156] == UInt8(ascii: "M") else { return false }
    let digits = header[148..<156].drop { $0 == UInt8(ascii: " ") }.prefix { $0 & 0xF8 == UInt8(ascii: "0") }
    return digits.reduce(0) { $0 * 8 + Int($1 - UInt8(ascii: "0")) } == sum(header)
  }

  /// True for a file that begins with a tar header of POSIX or GNU.
  static func begins(_ head: [UInt8]) -> Bool {
    head.count >= bytes && Array(head[257..<262]) == Array("ustar".utf8)
  }

  /// The sum of all bytes, those of the sum itself taken as blanks.
  private static func sum(_ header: [UInt8]) -> Int {
    header.indices.reduce(0) { $0 + ((148..<156).contains($1) ? 32 : Int(header[$1])) }
  }
}
