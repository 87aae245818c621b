internal import Foundation
package import Vocabulary

/// The watcher's thread: looks, listens, and tells.
package struct FolderWalk {
  let root: BytePath
  let sink: AsyncStream<WatchEvent>.Continuation
  var planner: SettlePlanner
  var inotify: Inotify?
  /// Folders that could not be read at the last look, and why (errno).
  var unreadable: [BytePath: Int32] = [:]
  /// Why folders are not watched, when some are not (errno).
  var deafness: Int32?
  private var lastPending: Int?

  package init(root: BytePath, settle: Double, sink: AsyncStream<WatchEvent>.Continuation) {
    self.root = root
    self.sink = sink
    planner = SettlePlanner(settle: settle)
    inotify = Inotify()
  }

  /// Until the bell rings. A folder that is not there is looked for every ten seconds.
  mutating func run(rescan: Double, bell: Int32) {
    var nextScan = clock + (scanAll() ? rescan : min(rescan, 10))
    tellPending()
    while true {
      let until = min(nextScan, planner.nextDue ?? .infinity)
      let wait = Int32(min(max((until - clock) * 1000, 0), 3_600_000).rounded(.up))
      var polled = [
        pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
        pollfd(fd: inotify?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
      ]
      if poll(&polled, 2, wait) < 0 && errno != EINTR { return }
      if polled[0].revents != 0 { return }
      if polled[1].revents != 0, !listen() { nextScan = clock }
      tellPending()
      for path in planner.due(now: clock) { recheck(path) }
      if clock >= nextScan { nextScan = clock + (scanAll() ? rescan : min(rescan, 10)) }
      tellPending()
    }
  }

  /// False when notes were lost, or the folder itself is gone.
  package mutating func listen() -> Bool {
    guard case .notes(let notes)? = inotify?.read() else { return false }
    for note in notes {
      if note.has(IN_DELETE_SELF) || note.has(IN_MOVE_SELF) {
        if note.folder.bytes.isEmpty { return false }
      } else if note.has(IN_ISDIR) {
        heard(folder: note)
      } else if note.has(IN_DELETE) || note.has(IN_MOVED_FROM) {
        lose(note.path)
      } else if note.has(IN_CREATE) {
        // A file just created is being written: its close is what counts. A hard link is never closed.
        if isLink(note.path) { _ = look(note.path) }
      } else if !note.has(IN_ATTRIB) || planner.hasTold(note.path) {
        _ = look(note.path)
      }
    }
    return true
  }

  private mutating func heard(folder note: Inotify.Note) {
    if note.has(IN_MOVED_FROM) || note.has(IN_DELETE) {
      inotify?.forget(below: note.path)
      for path in planner.toldPaths.sorted() where path.isBelow(note.path) { lose(path) }
    } else if !Self.isPassedOver(note.name) {
      scan(note.path)
    }
  }

  /// Takes note of a file. True for a regular file with a clip's name.
  mutating func look(_ path: BytePath) -> Bool {
    guard ClipSuffix.isClip(path), let state = state(path) else { return false }
    let age = Date().timeIntervalSince1970 - Double(state.modified) / 1e9
    // A time in the future says nothing of how long the file has been quiet.
    if planner.saw(path, state, age: age < 0 ? 0 : age, now: clock) { tell(path, state) }
    return true
  }

  private mutating func recheck(_ path: BytePath) {
    guard let state = state(path) else { return lose(path) }
    if planner.check(path, state, now: clock) { tell(path, state) }
  }

  mutating func lose(_ path: BytePath) {
    if planner.lost(path) { sink.yield(.vanished(root: root, path: path)) }
  }

  private func tell(_ path: BytePath, _ state: FileState) {
    sink.yield(.settled(Arrival(root: root, path: path, bytes: state.bytes, modified: state.modified)))
  }

  private mutating func tellPending() {
    let pending = planner.pendingCount
    if let lastPending, (lastPending == 0) == (pending == 0) { return }
    lastPending = pending
    sink.yield(.scanned(root: root, pending: pending))
  }

  private func state(_ path: BytePath) -> FileState? {
    guard let status = status(path), status.st_mode & S_IFMT == S_IFREG else { return nil }
    return FileState(
      bytes: Int64(status.st_size), modified: Self.nanoseconds(status.st_mtim),
      changed: Self.nanoseconds(status.st_ctim))
  }

  private static func nanoseconds(_ time: timespec) -> Int64 {
    Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }

  private func isLink(_ path: BytePath) -> Bool { status(path).map { $0.st_nlink > 1 } ?? false }

  func status(_ path: BytePath) -> stat? {
    var status = stat()
    return root.appending(path).withCString { lstat($0, &status) } == 0 ? status : nil
  }

  private var clock: Double { ProcessInfo.processInfo.systemUptime }
}
