package import Vocabulary

/// What a watched folder tells.
package enum WatchEvent: Sendable, Equatable {
  /// A file is there and has stopped changing. Told again when it has changed since.
  case settled(Arrival)
  /// A file that had been told of is gone.
  case vanished(root: BytePath, path: BytePath)
  /// Everything that lay in the folder has been told; `pending` more were seen and still change. Told after the first look,
  /// and whenever `pending` becomes 0 or ceases to be.
  case scanned(root: BytePath, pending: Int)
  /// Everything has been looked through once more: a time to try again what could not be done.
  case looked(root: BytePath)
  case problem(path: BytePath, reason: String)
  /// What was told of `path` is over.
  case solved(path: BytePath)
  /// Worth knowing, and nothing wrong.
  case remark(path: BytePath, words: String)
}
