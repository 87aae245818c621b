internal import Foundation
package import Vocabulary

/// What a file system has left. Bytes.
package struct DiskSpace: Sendable, Equatable {
  package var free: Int64
  package var size: Int64

  package init(free: Int64, size: Int64) {
    self.free = free
    self.size = size
  }

  /// Nil where the file system does not say.
  package static func of(_ path: BytePath) -> DiskSpace? {
    var status = statvfs()
    guard path.withCString({ statvfs($0, &status) }) == 0 else { return nil }
    let block = Int64(status.f_frsize)
    return DiskSpace(free: Int64(status.f_bavail) * block, size: Int64(status.f_blocks) * block)
  }

  /// What stays free where `[storage] reserve` does not say how much.
  package var usualReserve: Int64 { min(size / 20, 20 << 30) }
}
