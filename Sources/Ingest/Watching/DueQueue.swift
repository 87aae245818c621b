internal import Vocabulary

/// Paths by the time at which something is to be done about them: a binary heap, earliest first.
struct DueQueue: Sendable {
  private var entries: [(due: Double, path: BytePath)] = []

  var first: Double? { entries.first?.due }

  mutating func push(_ path: BytePath, due: Double) {
    entries.append((due, path))
    var child = entries.count - 1
    while child > 0, entries[child].due < entries[(child - 1) / 2].due {
      entries.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  /// The earliest path whose time has come.
  mutating func pop(now: Double) -> BytePath? {
    guard let first = entries.first, first.due <= now else { return nil }
    entries.swapAt(0, entries.count - 1)
    entries.removeLast()
    var parent = 0
    while true {
      let children = (2 * parent + 1)...(2 * parent + 2)
      guard let least = children.filter(entries.indices.contains).min(by: { entries[$0].due < entries[$1].due }),
        entries[least].due < entries[parent].due
      else { return first.path }
      entries.swapAt(parent, least)
      parent = least
    }
  }
}
