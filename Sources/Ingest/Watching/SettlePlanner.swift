package import Vocabulary

/// Decides when a file has settled: it looks the same after a while without change, and whoever looks at it closely then
/// finds nobody writing. Pure; times are seconds of any steady clock.
///
/// `saw` and `recheck` return true for a file that is ripe: to be looked at closely, and answered by `take`, `hold`,
/// `setAside` or `lost`.
package struct SettlePlanner: Sendable {
  /// A file that nothing is waited for any more, and the look that last saw it.
  private struct Known {
    var state: FileState
    var look: UInt32
  }

  private struct Pending {
    var state: FileState
    /// When it was first seen like this.
    var since: Double
    var due: Double
    /// How often somebody was found writing, 0 for never. What is held is not counted as pending: who keeps a file open
    /// for days must not hold up everything else.
    var holds: Int
  }

  /// Seconds between two looks at a file that somebody keeps open, at most. Its closing is noticed at once.
  private static let patience = 60.0

  private let settle: Double
  private var pending: [BytePath: Pending] = [:]
  private var told: [BytePath: Known] = [:]
  private var aside: [BytePath: Known] = [:]
  /// Every pending path stands here at least once, not later than it is due.
  private var queue = DueQueue()
  private var look: UInt32 = 0

  package init(settle: Double) { self.settle = settle }

  /// Files that were seen and have not settled, without those that somebody holds open.
  package private(set) var pendingCount = 0
  /// Not later than the first file is due.
  package var nextDue: Double? { queue.first }
  package func hasTold(_ path: BytePath) -> Bool { told[path] != nil }
  /// Whether something is known of a file for which nothing is waited.
  package func isKnown(_ path: BytePath) -> Bool { told[path] != nil || aside[path] != nil }

  /// A file was seen.
  ///
  /// - Parameters:
  ///   - age: seconds since it was last modified; nil where its times cannot be compared with ours.
  ///   - isOpen: somebody has just created it and will close it.
  ///   - isClosed: somebody has just closed it after writing.
  package mutating func saw(
    _ path: BytePath, _ state: FileState, age: Double?, isOpen: Bool = false, isClosed: Bool = false, now: Double
  ) -> Bool {
    if let known = told[path], known.state == state || (!isClosed && known.state.hasContent(of: state)) {
      told[path] = Known(state: state, look: look)
      wait(path, nil)
      return false
    }
    told[path]?.look = look
    if let known = aside[path] {
      aside[path]?.look = look
      if known.state == state { return true }
      aside[path] = nil
    }
    if var waiting = pending[path], waiting.state == state {
      if isClosed { waiting.holds = 0 }
      wait(path, waiting)
      return now - waiting.since >= settle
    }
    if let age, age >= settle { return true }
    wait(path, Pending(state: state, since: now, due: now + settle, holds: isOpen ? 1 : 0))
    return false
  }

  /// Files whose time has come, in order of their paths: look at each again, and call `recheck` or `lost`.
  package mutating func takeDue(now: Double) -> [BytePath] {
    var paths: Set<BytePath> = []
    while let path = queue.pop(now: now) {
      guard let waiting = pending[path] else { continue }
      if waiting.due > now { queue.push(path, due: waiting.due) } else { paths.insert(path) }
    }
    return paths.sorted()
  }

  /// A due file was looked at again.
  package mutating func recheck(_ path: BytePath, _ state: FileState, now: Double) -> Bool {
    guard var waiting = pending[path] else { return false }
    if waiting.state != state { waiting = Pending(state: state, since: now, due: now + settle, holds: waiting.holds) }
    if waiting.due <= now { waiting.due = now + settle }
    wait(path, waiting, isQueued: false)
    return waiting.since + settle <= now
  }

  // MARK: what the close look found

  /// Nobody writes to it: it is told of. Returns true when it had been told of before.
  package mutating func take(_ path: BytePath, _ state: FileState) -> Bool {
    wait(path, nil)
    aside[path] = nil
    return told.updateValue(Known(state: state, look: look), forKey: path) != nil
  }

  /// Somebody has it open for writing.
  package mutating func hold(_ path: BytePath, _ state: FileState, now: Double) {
    var waiting = pending[path] ?? Pending(state: state, since: now, due: now, holds: 0)
    let pause = min(settle * Double(1 << min(waiting.holds, 20)), max(settle, Self.patience))
    waiting.holds += 1
    waiting.due = now + pause
    wait(path, waiting)
  }

  /// It cannot be taken as it is, and need not change by itself. Returns true when it had been told of before.
  package mutating func setAside(_ path: BytePath, _ state: FileState) -> Bool {
    wait(path, nil)
    aside[path] = Known(state: state, look: look)
    return told.removeValue(forKey: path) != nil
  }

  /// A file is gone. Returns true when it had been told of.
  package mutating func lost(_ path: BytePath) -> Bool {
    wait(path, nil)
    aside[path] = nil
    return told.removeValue(forKey: path) != nil
  }

  /// Seconds for which a pending file has looked the same.
  package func quiet(_ path: BytePath, now: Double) -> Double { pending[path].map { now - $0.since } ?? 0 }

  // MARK: a look through everything

  package mutating func beginLook() { look &+= 1 }

  /// What was known and has not been seen since `beginLook`, in order.
  package func unseen() -> [BytePath] {
    (told.filter { $0.value.look != look }.map(\.key) + aside.filter { $0.value.look != look }.map(\.key)).sorted()
  }

  /// What is known to lie below a folder, in order.
  package func known(below isBelow: (BytePath) -> Bool) -> [BytePath] {
    (told.keys.filter(isBelow) + aside.keys.filter(isBelow)).sorted()
  }

  private mutating func wait(_ path: BytePath, _ new: Pending?, isQueued: Bool = true) {
    let old = new.map { pending.updateValue($0, forKey: path) } ?? pending.removeValue(forKey: path)
    if old?.holds == 0 { pendingCount -= 1 }
    if new?.holds == 0 { pendingCount += 1 }
    guard let new else { return }
    // Put off: its place in the queue is found to be early and moved then. Brought forward: it needs one that is earlier.
    if !isQueued || old == nil || new.due < (old?.due ?? 0) { queue.push(path, due: new.due) }
  }
}
