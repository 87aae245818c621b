internal import Foundation
package import Vocabulary

/// A file in a watched folder that has settled.
package struct Arrival: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case clip
    /// A CSV.
    case table
  }

  package var kind = Kind.clip
  package var root: BytePath
  /// Relative to `root`.
  package var path: BytePath
  package var bytes: Int64
  /// Nanoseconds since 1970.
  package var modified: Int64
  /// It was told of before and has been written or replaced since: equal size and time mean nothing.
  package var isReplaced = false

  package init(root: BytePath, path: BytePath, bytes: Int64, modified: Int64) {
    self.root = root
    self.path = path
    self.bytes = bytes
    self.modified = modified
  }

  /// Reads the file that was told of.
  ///
  /// - Parameter body: gets its descriptor, which stands at its start.
  /// - Returns: nil when the file is gone or another, before or after `body`: the watcher tells of what it is now.
  /// - Throws: `SystemCode` when it cannot be opened, and what `body` throws.
  package func read<Result>(_ body: (Int32) throws -> Result) throws -> Result? {
    do {
      let file = try OpenedBelow(root: root, path: path, flags: O_RDONLY | O_NONBLOCK)
      guard try isUnchanged(file.status()) else { return nil }
      let result = try body(file.descriptor)
      return try isUnchanged(file.status()) ? result : nil
    } catch let error as SystemCode where error.isAbsence {
      return nil
    }
  }

  private func isUnchanged(_ status: stat) -> Bool {
    FileState(status, keepsInode: false).map { $0.bytes == bytes && $0.modified == modified } ?? false
  }
}
