package import Vocabulary

/// What a watched folder tells.
package enum WatchEvent: Sendable, Equatable {
  /// A clip's file is there and has stopped changing. Told again when it has changed since.
  case settled(Arrival)
  /// A file that had been told of is gone.
  case vanished(root: BytePath, path: BytePath)
  /// Everything that lay in the folder has been told; `pending` more were seen and still change. Told after the first look,
  /// and whenever `pending` becomes 0 or ceases to be.
  case scanned(root: BytePath, pending: Int)
  case problem(path: BytePath, reason: String)
  /// What was told of `path` is over.
  case solved(path: BytePath)
}

/// A clip's file in a watched folder.
package struct Arrival: Sendable, Equatable {
  package var root: BytePath
  /// Relative to `root`.
  package var path: BytePath
  package var bytes: Int64
  /// Nanoseconds since 1970.
  package var modified: Int64

  package init(root: BytePath, path: BytePath, bytes: Int64, modified: Int64) {
    self.root = root
    self.path = path
    self.bytes = bytes
    self.modified = modified
  }
}
