/// What a file's first bytes say of its format, where that decides whether it is opened at all.
enum ArchiveFormat: String {
  case tar
  case zip
  case sevenZip = "7z"
  case rar = "RAR"
  case gzip
  /// Tar compressed otherwise, or nothing that we know.
  case other

  init(_ head: [UInt8]) {
    let beginnings: [(Self, [UInt8])] = [
      // A member, an empty archive, the first of several volumes.
      (.zip, [0x50, 0x4B, 3, 4]), (.zip, [0x50, 0x4B, 5, 6]), (.zip, [0x50, 0x4B, 7, 8]),
      (.sevenZip, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]), (.rar, [0x52, 0x61, 0x72, 0x21, 0x1A, 7]),
      (.gzip, GzipStream.magic),
    ]
    let known = beginnings.first { head.starts(with: $0.1) }?.0
    self = known ?? (TarHeader.begins(head) ? .tar : .other)
  }

  /// True where the table of contents stands at the end, or members are found by seeking.
  var needsWhole: Bool { self == .zip || self == .sevenZip || self == .rar }
}
