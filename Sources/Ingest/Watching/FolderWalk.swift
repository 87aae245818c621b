internal import Foundation
package import Vocabulary

/// The watcher's thread: looks, listens, and tells.
package struct FolderWalk {
  let root: BytePath
  let options: WatchOptions
  let clock: () -> Double
  let tell: (WatchEvent) -> Void
  var planner: SettlePlanner
  var inotify: Inotify?
  /// Why the folder is not listened to: the name of its file system. Nil where it is.
  var share: String?
  /// What was said of folders and files that cannot be read or taken.
  var troubles: [BytePath: String] = [:]
  /// Why folders are not watched, when some are not (errno).
  var deafness: Int32?
  /// Folders that were mount points when they were last looked at.
  var mounts: Set<BytePath> = []
  /// Files of which the kernel has told that somebody created them and not yet that they were closed.
  var open: Set<BytePath> = []
  private var nextLook = -Double.infinity
  /// When the last look's cost is worth another one, whatever was lost meanwhile.
  private var restedAt = -Double.infinity
  private var lastPending: Int?

  /// - Parameters:
  ///   - clock: seconds that never go back and do not jump.
  ///   - tell: is called on the walk's thread, in the order of what happens.
  package init(
    root: BytePath, options: WatchOptions, clock: @escaping () -> Double, tell: @escaping (WatchEvent) -> Void
  ) {
    self.root = root
    self.options = options
    self.clock = clock
    self.tell = tell
    planner = SettlePlanner(settle: options.settle)
  }

  /// Until the bell rings.
  mutating func run(bell: Int32) {
    while true {
      let next = turn()
      let wait = Int32(min(max((next - clock()) * 1000, 0), 3_600_000).rounded(.up))
      var polled = [
        pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
        pollfd(fd: inotify?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
      ]
      if poll(&polled, 2, wait) < 0 && errno != EINTR { return }
      if polled[0].revents != 0 { return }
    }
  }

  /// Does everything that is due, and returns when there will be more, unless something is noted before.
  package mutating func turn() -> Double {
    if !listen() { nextLook = min(nextLook, max(clock(), restedAt)) }
    tellPending()
    for path in planner.takeDue(now: clock()) { recheck(path) }
    if clock() >= nextLook {
      let began = clock()
      let isWhole = lookAtEverything()
      let period = options.period(onlyLooking: share != nil || options.mode == .scan || deafness != nil)
      // Looking shall not be all that the machine does; and what is not there is looked for often.
      let cost = clock() - began
      restedAt = clock() + 2 * cost
      nextLook = clock() + max(isWhole ? period : min(period, 10), 10 * cost)
    }
    tellPending()
    return min(nextLook, planner.nextDue ?? .infinity)
  }

  // MARK: one file

  /// Takes note of a file.
  ///
  /// - Parameter status: what lies at `path`, where the caller knows it, and that its name is one to look at.
  mutating func look(_ path: BytePath, _ status: stat? = nil, isClosed: Bool = false) {
    guard status != nil || kind(path) != nil,
      let status = status ?? (try? OpenedBelow.status(root: root, path: path)),
      let state = FileState(status, keepsInode: isLocal)
    else { return }
    let age = Date().timeIntervalSince1970 - Double(state.modified) / 1e9
    // A time in the future says nothing of how long the file has been quiet, and a share's clock is another's.
    let isRipe = planner.saw(
      path, state, age: isLocal ? max(age, 0) : nil, isOpen: open.contains(path), isClosed: isClosed, now: clock())
    if isRipe { judge(path, state) }
  }

  private mutating func recheck(_ path: BytePath) {
    do throws(SystemCode) {
      guard let state = FileState(try OpenedBelow.status(root: root, path: path), keepsInode: isLocal) else {
        return lose(path)
      }
      if planner.recheck(path, state, now: clock()) { judge(path, state) }
    } catch {
      lose(path)  // If it is only out of reach, it is found again.
    }
  }

  mutating func lose(_ path: BytePath) {
    open.remove(path)
    solve(path)
    if planner.lost(path) { tell(.vanished(root: root, path: path)) }
  }

  func kind(_ path: BytePath) -> Arrival.Kind? {
    if ClipSuffix.isClip(path) { return .clip }
    return options.tables && ClipSuffix.isTable(path) ? .table : nil
  }

  /// Whether this kernel knows everything that happens to the files.
  var isLocal: Bool { share == nil && options.mode == .auto }

  // MARK: what is told once

  mutating func complain(_ path: BytePath, _ reason: String) {
    if troubles.updateValue(reason, forKey: path) == reason { return }
    tell(.problem(path: root.appending(path), reason: reason))
  }

  mutating func solve(_ path: BytePath) {
    if troubles.removeValue(forKey: path) != nil { tell(.solved(path: root.appending(path))) }
  }

  private mutating func tellPending() {
    guard lastPending != nil || nextLook > -.infinity else { return }
    let pending = planner.pendingCount
    if let lastPending, (lastPending == 0) == (pending == 0) { return }
    lastPending = pending
    tell(.scanned(root: root, pending: pending))
  }
}
