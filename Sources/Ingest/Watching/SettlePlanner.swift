package import Vocabulary

/// What a file looked like.
package struct FileState: Sendable, Equatable {
  package var bytes: Int64
  /// Nanoseconds since 1970.
  package var modified: Int64
  /// When its content or its inode last changed, in nanoseconds since 1970: nobody can set this back, and a file that
  /// becomes readable changes it.
  package var changed: Int64

  package init(bytes: Int64, modified: Int64, changed: Int64) {
    self.bytes = bytes
    self.modified = modified
    self.changed = changed
  }
}

/// Decides when a file has settled: it looks the same after a while without change. Pure; times are seconds of any clock.
package struct SettlePlanner: Sendable {
  private struct Pending {
    var state: FileState
    var due: Double
  }

  private let settle: Double
  private var pending: [BytePath: Pending] = [:]
  private var told: [BytePath: FileState] = [:]

  package init(settle: Double) { self.settle = settle }

  package var pendingCount: Int { pending.count }
  package var nextDue: Double? { pending.values.map(\.due).min() }
  package var toldPaths: [BytePath] { Array(told.keys) }
  package func hasTold(_ path: BytePath) -> Bool { told[path] != nil }

  /// A file was seen. Returns true when it has settled at once: it is new or changed, and old enough.
  ///
  /// - Parameter age: seconds since it was last modified.
  package mutating func saw(_ path: BytePath, _ state: FileState, age: Double, now: Double) -> Bool {
    if told[path] == state {
      pending[path] = nil
      return false
    }
    if age >= settle {
      pending[path] = nil
      told[path] = state
      return true
    }
    if pending[path]?.state != state { pending[path] = Pending(state: state, due: now + settle) }
    return false
  }

  /// A file is gone. Returns true when it had been told of.
  package mutating func lost(_ path: BytePath) -> Bool {
    pending[path] = nil
    return told.removeValue(forKey: path) != nil
  }

  /// Files whose time has come, in order of their paths: look at each again, and call `check` or `lost`.
  package func due(now: Double) -> [BytePath] { pending.filter { $0.value.due <= now }.map(\.key).sorted() }

  /// Looks at a due file again: true when it has not changed and is now told of.
  package mutating func check(_ path: BytePath, _ state: FileState, now: Double) -> Bool {
    guard let waiting = pending[path] else { return false }
    if waiting.state == state {
      pending[path] = nil
      told[path] = state
      return true
    }
    pending[path] = Pending(state: state, due: now + settle)
    return false
  }
}
