internal import Vocabulary
internal import Watching

/// What was told of a folder's files since the catalog last followed: the last word on each.
struct FolderChanges {
  /// Clips in one transaction, at most.
  static let most = 1000

  private var told: [(path: BytePath, arrival: Arrival?)] = []
  /// For each path, the place of the last word on it.
  private var last: [BytePath: Int] = [:]
  private var everGone: Set<BytePath> = []

  /// In the order in which they were told.
  var arrivals: [Arrival] { told.enumerated().compactMap { last[$1.path] == $0 ? $1.arrival : nil } }
  /// Files that went, though some may have come back as others since; in order of path.
  var gone: [BytePath] { everGone.sorted() }

  mutating func settled(_ arrival: Arrival) {
    last[arrival.path] = told.count
    told.append((arrival.path, arrival))
  }

  mutating func vanished(_ path: BytePath) {
    everGone.insert(path)
    last[path] = told.count
    told.append((path, nil))
  }

  /// One that could not be read before, unless there is news of it.
  mutating func again(_ arrival: Arrival) {
    if last[arrival.path] == nil { settled(arrival) }
  }
}
