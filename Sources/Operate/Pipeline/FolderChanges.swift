package import Vocabulary
package import Watching

/// What was told of a folder's files since the catalog last followed: the last word on each.
package struct FolderChanges {
  package init() {}

  private var told: [(path: BytePath, arrival: Arrival?)] = []
  /// For each path, the place of the last word on it.
  private var last: [BytePath: Int] = [:]
  private var everGone: Set<BytePath> = []

  /// In the order in which they were told.
  package var arrivals: [Arrival] { told.enumerated().compactMap { last[$1.path] == $0 ? $1.arrival : nil } }
  /// Files that went, though some may have come back as others since; in order of path.
  package var gone: [BytePath] { everGone.sorted() }

  package mutating func settled(_ arrival: Arrival) {
    last[arrival.path] = told.count
    told.append((arrival.path, arrival))
  }

  package mutating func vanished(_ path: BytePath) {
    everGone.insert(path)
    last[path] = told.count
    told.append((path, nil))
  }

  /// One that could not be read before, unless there is news of it.
  package mutating func again(_ arrival: Arrival) {
    if last[arrival.path] == nil { settled(arrival) }
  }
}
