internal import Foundation
internal import Vocabulary

/// What tells one content of a file from a later one without reading it.
struct FileState: Codable, Equatable {
  var bytes: Int64
  /// Nanoseconds since 1970.
  var modified: Int64
  var inode: UInt64

  /// Nil unless `path` itself is a regular file.
  init?(_ path: BytePath) {
    var status = stat()
    guard path.withCString({ lstat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    self.init(status)
  }

  init(_ status: stat) {
    bytes = Int64(status.st_size)
    modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    inode = UInt64(status.st_ino)
  }

  /// The directory where the file system of `path` begins.
  static func mountPoint(of path: BytePath) -> BytePath {
    var status = stat()
    var here = path
    while here.withCString({ stat($0, &status) }) != 0 && here.bytes.count > 1 { here = here.deletingLastComponent }
    let device = status.st_dev
    while here.bytes.count > 1 {
      let above = here.deletingLastComponent
      if above.withCString({ stat($0, &status) }) != 0 || status.st_dev != device { break }
      here = above
    }
    return here
  }
}
