internal import Foundation
internal import Vocabulary

/// The watcher's thread: looks, listens, and tells.
struct FolderWalk {
  let root: BytePath
  let sink: AsyncStream<WatchEvent>.Continuation
  private let settle: Double
  private var planner: SettlePlanner
  private var inotify: Inotify?
  private var lastPending: Int?
  private var complained: Set<BytePath> = []

  init(root: BytePath, settle: Double, sink: AsyncStream<WatchEvent>.Continuation) {
    self.root = root
    self.settle = settle
    self.sink = sink
    planner = SettlePlanner(settle: settle)
    inotify = Inotify()
  }

  /// Until the bell rings. A folder that is not there is looked for every ten seconds.
  mutating func run(rescan: Double, bell: Int32) {
    var nextScan = clock + (scanAll() ? rescan : min(rescan, 10))
    while true {
      tellPending()
      let until = min(nextScan, planner.nextDue ?? .infinity)
      let wait = Int32(min(max((until - clock) * 1000, 0), 3_600_000).rounded(.up))
      var polled = [
        pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
        pollfd(fd: inotify?.descriptor ?? -1, events: Int16(POLLIN), revents: 0),
      ]
      if poll(&polled, 2, wait) < 0 && errno != EINTR { return }
      if polled[0].revents != 0 { return }
      if polled[1].revents != 0, !listen() { nextScan = clock }
      for path in planner.due(now: clock) { recheck(path) }
      if clock >= nextScan { nextScan = clock + (scanAll() ? rescan : min(rescan, 10)) }
    }
  }

  /// Looks through everything. False when the folder itself cannot be looked at.
  private mutating func scanAll() -> Bool {
    var seen: Set<BytePath> = []
    let isThere = scan(BytePath(bytes: []), seen: &seen)
    // An unmounted disk is no reason to forget a hundred thousand clips.
    if isThere { for path in planner.toldPaths.sorted() where !seen.contains(path) { lose(path) } }
    return isThere
  }

  /// Watches a folder before reading it, so that nothing falls between.
  private mutating func scan(_ folder: BytePath, seen: inout Set<BytePath>) -> Bool {
    let path = root.appending(folder)
    if let code = inotify?.watch(path, as: folder) { complain(path, code) }
    guard let stream = path.withCString({ opendir($0) }) else {
      complain(path, errno)
      return false
    }
    defer { closedir(stream) }
    complained.remove(path)
    while let entry = readdir(stream) {
      let name = BytePath(bytes: withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) })
      if name == "." || name == ".." { continue }
      let child = folder.appending(name)
      switch Int32(entry.pointee.d_type) {
      case Int32(DT_DIR): _ = scan(child, seen: &seen)
      case Int32(DT_REG): if look(child) { seen.insert(child) }
      case Int32(DT_UNKNOWN):
        if isFolder(child) { _ = scan(child, seen: &seen) } else if look(child) { seen.insert(child) }
      default: break
      }
    }
    return true
  }

  /// False when notes were lost.
  private mutating func listen() -> Bool {
    guard case .notes(let notes)? = inotify?.read() else { return false }
    for note in notes {
      if note.has(IN_DELETE_SELF) || note.has(IN_MOVE_SELF) {
        if note.folder.bytes.isEmpty { return false }
      } else if note.has(IN_ISDIR) {
        heard(folder: note)
      } else if note.has(IN_DELETE) || note.has(IN_MOVED_FROM) {
        lose(note.path)
      } else if !note.has(IN_CREATE) || isLink(note.path) {
        // A file just created is being written: its close is what counts. A hard link is never closed.
        _ = look(note.path)
      }
    }
    return true
  }

  private mutating func heard(folder note: Inotify.Note) {
    if note.has(IN_MOVED_FROM) || note.has(IN_DELETE) {
      inotify?.forget(below: note.path)
      let prefix = note.path.bytes + [UInt8(ascii: "/")]
      for path in planner.toldPaths.sorted() where path.bytes.starts(with: prefix) { lose(path) }
    } else {
      var seen: Set<BytePath> = []
      _ = scan(note.path, seen: &seen)
    }
  }

  /// Takes note of a file. True for a regular file with a clip's name.
  private mutating func look(_ path: BytePath) -> Bool {
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

  private mutating func lose(_ path: BytePath) {
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

  private mutating func complain(_ path: BytePath, _ code: Int32) {
    guard complained.insert(path).inserted else { return }
    let reason = String(cString: strerror(code))
    switch code {
    case ENOSPC:
      sink.yield(
        .problem(
          path: path,
          reason:
            "no more folders can be watched; raise sysctl fs.inotify.max_user_watches. Until then new clips in it "
            + "are found by looking from time to time"))
    default: sink.yield(.problem(path: path, reason: "cannot be read: \(reason); it is looked for again"))
    }
  }

  private func state(_ path: BytePath) -> FileState? {
    guard let status = status(path), status.st_mode & S_IFMT == S_IFREG else { return nil }
    return FileState(
      bytes: Int64(status.st_size),
      modified: Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
  }

  private func isFolder(_ path: BytePath) -> Bool { status(path).map { $0.st_mode & S_IFMT == S_IFDIR } ?? false }
  private func isLink(_ path: BytePath) -> Bool { status(path).map { $0.st_nlink > 1 } ?? false }

  private func status(_ path: BytePath) -> stat? {
    var status = stat()
    return root.appending(path).withCString { lstat($0, &status) } == 0 ? status : nil
  }

  private var clock: Double { ProcessInfo.processInfo.systemUptime }
}
