internal import Foundation

/// What a file looked like.
package struct FileState: Sendable, Hashable {
  package var bytes: Int64
  /// Nanoseconds since 1970.
  package var modified: Int64
  /// When its content or its inode last changed, in nanoseconds since 1970: nobody can set this back.
  package var changed: Int64
  /// 0 where its numbers do not last (network shares).
  package var inode: UInt64

  package init(bytes: Int64, modified: Int64, changed: Int64, inode: UInt64 = 0) {
    self.bytes = bytes
    self.modified = modified
    self.changed = changed
    self.inode = inode
  }

  /// The same file with the same content, as far as looking tells: permissions or links may have changed.
  package func hasContent(of other: FileState) -> Bool {
    bytes == other.bytes && modified == other.modified && inode == other.inode
  }
}

extension FileState {
  /// Nil for what is no regular file.
  init?(_ status: stat, keepsInode: Bool) {
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    self.init(
      bytes: Int64(status.st_size), modified: Self.nanoseconds(status.st_mtim),
      changed: Self.nanoseconds(status.st_ctim), inode: keepsInode ? UInt64(status.st_ino) : 0)
  }

  /// Anybody can give a file a time that does not fit: the nearest that does stands for it.
  private static func nanoseconds(_ time: timespec) -> Int64 {
    let (whole, isTooFar) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, isOver) = whole.addingReportingOverflow(Int64(time.tv_nsec))
    return isTooFar || isOver ? (time.tv_sec < 0 ? .min : .max) : sum
  }
}
