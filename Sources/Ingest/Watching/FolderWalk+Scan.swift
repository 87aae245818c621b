internal import Foundation
internal import Vocabulary

/// Looking through folders.
extension FolderWalk {
  /// What a look has found.
  private struct Findings {
    var seen: Set<BytePath> = []
    /// Folders whose content is not known: no reason to forget what was in them.
    var unread: [BytePath] = []
    /// Why a folder is not watched (errno).
    var unwatched: Int32?
  }

  /// Looks through everything. False when the folder itself cannot be looked at.
  package mutating func scanAll() -> Bool {
    if inotify == nil { inotify = Inotify() }
    var found = Findings()
    scan(BytePath(bytes: []), &found)
    tellDeafness(found.unwatched)
    // An unmounted disk is no reason to forget a hundred thousand clips.
    if found.unread.contains(BytePath(bytes: [])) { return false }
    for path in planner.toldPaths.sorted() where !found.seen.contains(path) {
      if !found.unread.contains(where: path.isBelow) { lose(path) }
    }
    return true
  }

  /// Looks through a folder that has just appeared.
  mutating func scan(_ folder: BytePath) {
    var found = Findings()
    scan(folder, &found)
    if let code = found.unwatched { tellDeafness(code) }
  }

  /// Watches a folder before reading it, so that nothing falls between.
  private mutating func scan(_ folder: BytePath, _ found: inout Findings) {
    let path = root.appending(folder)
    let code = inotify.map { $0.watch(path, as: folder) } ?? EMFILE
    if let code, [ENOSPC, ENOMEM, EMFILE].contains(code) { found.unwatched = code }
    switch Self.entries(path, mayBeLink: folder.bytes.isEmpty) {
    case .failure(let failure):
      // It went away, or became a file or a link, since it was named.
      if !folder.bytes.isEmpty, [ENOENT, ENOTDIR, ELOOP].contains(failure.code) { return }
      found.unread.append(folder)
      complain(path, failure.code)
    case .success(let entries):
      if unreadable.removeValue(forKey: path) != nil { sink.yield(.solved(path: path)) }
      for entry in entries {
        let child = folder.appending(entry.name)
        switch entry.type ?? type(child) {
        case S_IFDIR: if !Self.isPassedOver(entry.name) { scan(child, &found) }
        case S_IFREG: if look(child) { found.seen.insert(child) }
        default: break
        }
      }
    }
  }

  /// What programs keep in folders of their own: half-copied files of rsync's, what was deleted, thumbnails of a NAS.
  static func isPassedOver(_ folder: BytePath) -> Bool {
    folder.bytes.first == UInt8(ascii: ".")
      || ["$RECYCLE.BIN", "#recycle", "@Recycle", "@eaDir", "System Volume Information", "lost+found"].contains(folder)
  }

  private struct Unreadable: Error { var code: Int32 }

  /// The names in a folder, each with its type where the file system tells it.
  private static func entries(
    _ path: BytePath, mayBeLink: Bool
  ) -> Result<[(name: BytePath, type: mode_t?)], Unreadable> {
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (mayBeLink ? 0 : O_NOFOLLOW)
    let descriptor = path.withCString { open($0, flags) }
    if descriptor < 0 { return .failure(Unreadable(code: errno)) }
    guard let stream = fdopendir(descriptor) else {
      let code = errno
      close(descriptor)
      return .failure(Unreadable(code: code))
    }
    defer { closedir(stream) }
    var entries: [(name: BytePath, type: mode_t?)] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        return errno == 0 ? .success(entries) : .failure(Unreadable(code: errno))
      }
      let name = BytePath(bytes: withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) })
      if name == "." || name == ".." { continue }
      let type = Int32(entry.pointee.d_type)
      // DT_* are the S_IF* bits, shifted down (readdir(3), IFTODT).
      entries.append((name, type == Int32(DT_UNKNOWN) ? nil : mode_t(type) << 12))
    }
  }

  private func type(_ path: BytePath) -> mode_t { status(path).map { $0.st_mode & S_IFMT } ?? 0 }

  private mutating func complain(_ path: BytePath, _ code: Int32) {
    if unreadable.updateValue(code, forKey: path) == code { return }
    sink.yield(
      .problem(path: path, reason: "cannot be read: \(String(cString: strerror(code))); it is looked for again"))
  }

  private mutating func tellDeafness(_ code: Int32?) {
    defer { deafness = code }
    if code == deafness { return }
    guard let code else {
      sink.yield(.solved(path: root))
      return
    }
    let limit = code == EMFILE ? "max_user_instances" : "max_user_watches"
    sink.yield(
      .problem(
        path: root,
        reason:
          "not all of it can be watched (\(String(cString: strerror(code)))); raise sysctl fs.inotify.\(limit). Until "
          + "then new clips are found by looking from time to time"))
  }
}

extension BytePath {
  /// True for what lies somewhere below a folder.
  func isBelow(_ folder: BytePath) -> Bool {
    folder.bytes.isEmpty || bytes.starts(with: folder.bytes + [UInt8(ascii: "/")])
  }
}
