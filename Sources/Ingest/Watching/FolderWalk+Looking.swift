internal import Foundation
internal import Vocabulary

/// Looking through folders.
extension FolderWalk {
  /// What a look has found.
  private struct Findings {
    /// Folders whose content is not known: no reason to forget what was in them.
    var unread: [BytePath] = []
    /// Why a folder is not watched (errno).
    var unwatched: Int32?
    /// Something is missing that may come back without a note.
    var isUnsure = false
  }

  /// Longest path below the root that is gone into: the system calls of those who read the clips take no more.
  private static let longestPath = 3500

  /// Looks through everything. False when something is missing that has to be looked for soon.
  mutating func lookAtEverything() -> Bool {
    var found = Findings()
    listenOrNot()
    planner.beginLook()
    look(into: BytePath(bytes: []), &found)
    tellDeafness(found.unwatched)
    for path in planner.unseen() where !found.unread.contains(where: path.isBelow) { loseIfGone(path) }
    tell(.looked(root: root))
    return !found.isUnsure
  }

  /// Looks through a folder that has just appeared.
  mutating func look(into folder: BytePath) {
    var found = Findings()
    look(into: folder, &found)
    if let code = found.unwatched { tellDeafness(code) }
  }

  private mutating func look(into folder: BytePath, _ found: inout Findings) {
    var left = [folder]
    while let next = left.popLast() { left += subfolders(next, &found) }
  }

  /// Looks at the files of a folder, and returns the folders in it.
  private mutating func subfolders(_ folder: BytePath, _ found: inout Findings) -> [BytePath] {
    do throws(SystemCode) {
      guard folder.bytes.count <= Self.longestPath else { throw SystemCode(number: ENAMETOOLONG) }
      let directory = try OpenedBelow(root: root, path: folder, flags: O_RDONLY | O_DIRECTORY | O_NONBLOCK)
      // Watched before it is read, so that nothing falls between.
      if isLocal {
        let code = inotify.map { $0.watch(directory.descriptor, as: folder) } ?? EMFILE
        if let code, [ENOSPC, ENOMEM, EMFILE].contains(code) { found.unwatched = code }
      }
      if isUnmounted(folder, directory.descriptor) {
        found.unread.append(folder)
        found.isUnsure = true
        complain(folder, "is no longer a mounted disk; what was known in it is kept, and it is looked for again")
      } else {
        solve(folder)
      }
      return try read(directory.descriptor, folder)
    } catch {
      // It went away, or became a file or a link, since it was named.
      if !folder.bytes.isEmpty, error.isAbsence { return [] }
      found.unread.append(folder)
      if folder.bytes.isEmpty { found.isUnsure = true }
      complain(folder, "cannot be read: \(error); it is looked for again")
      return []
    }
  }

  private mutating func read(_ directory: Int32, _ folder: BytePath) throws(SystemCode) -> [BytePath] {
    let copy = fcntl(directory, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0, let stream = fdopendir(copy) else {
      let code = errno
      if copy >= 0 { close(copy) }
      throw SystemCode(number: code)
    }
    defer { closedir(stream) }
    var folders: [BytePath] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno == 0 { return folders }
        throw SystemCode(number: errno)
      }
      let name = BytePath(bytes: withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) })
      if name == "." || name == ".." { continue }
      let type = Int32(entry.pointee.d_type)
      if type == Int32(DT_DIR) {
        if !Self.isPassedOver(name) { folders.append(folder.appending(name)) }
      } else if type == Int32(DT_REG) || type == Int32(DT_UNKNOWN) {
        var status = stat()
        let isWanted = kind(name) != nil
        let mayCount = isWanted || type == Int32(DT_UNKNOWN)
        guard mayCount, name.withCString({ fstatat(directory, $0, &status, AT_SYMLINK_NOFOLLOW) }) == 0 else {
          continue
        }
        if status.st_mode & S_IFMT == S_IFDIR {
          if !Self.isPassedOver(name) { folders.append(folder.appending(name)) }
        } else if isWanted {
          look(folder.appending(name), status)
        }
      }
    }
  }

  /// What programs keep in folders of their own: half-copied files of rsync's, what was deleted, thumbnails of a NAS.
  static func isPassedOver(_ folder: BytePath) -> Bool {
    folder.bytes.first == UInt8(ascii: ".")
      || ["$RECYCLE.BIN", "#recycle", "@Recycle", "@eaDir", "System Volume Information", "lost+found"].contains(folder)
  }

  /// A name that a look has missed may have been there all the same: some file systems lose entries while others come.
  private mutating func loseIfGone(_ path: BytePath) {
    do throws(SystemCode) {
      let status = try OpenedBelow.status(root: root, path: path)
      if status.st_mode & S_IFMT == S_IFREG { look(path, status) } else { lose(path) }
    } catch {
      if error.isAbsence { lose(path) }
    }
  }

  /// True for a mount point that is none any more: its disk was taken away, and its clips with it, not removed.
  private mutating func isUnmounted(_ folder: BytePath, _ directory: Int32) -> Bool {
    var own = stat()
    var above = stat()
    guard fstat(directory, &own) == 0, fstatat(directory, "..", &above, 0) == 0 else { return false }
    if own.st_dev != above.st_dev {
      mounts.insert(folder)
      return false
    }
    return mounts.contains(folder)
  }

  // MARK: what can be heard

  /// Decides whether this folder can be listened to: what is mounted there may have changed.
  private mutating func listenOrNot() {
    let wasShare = share
    if let directory = try? OpenedBelow(root: root, path: BytePath(bytes: []), flags: O_RDONLY | O_DIRECTORY) {
      share = NetworkShare.name(of: directory.descriptor)
    }
    if isLocal {
      if inotify == nil { inotify = Inotify(limits: options.limits) }
    } else {
      inotify = nil
    }
    guard options.mode == .auto, share != wasShare else { return }
    tell(
      .remark(
        path: root,
        words: share.map { "lies on \($0), which tells nothing: it is looked through instead" } ?? "is watched"))
  }

  private mutating func tellDeafness(_ code: Int32?) {
    defer { deafness = code }
    if code == deafness { return }
    guard let code else {
      tell(.solved(path: root))
      return
    }
    let limit = code == EMFILE ? "max_user_instances" : "max_user_watches"
    tell(
      .problem(
        path: root,
        reason:
          "not all of it can be watched (\(SystemCode(number: code))); raise sysctl fs.inotify.\(limit). Until then new "
          + "clips are found by looking from time to time"))
  }
}

extension BytePath {
  /// True for what lies somewhere below a folder.
  func isBelow(_ folder: BytePath) -> Bool {
    if folder.bytes.isEmpty { return true }
    return bytes.count > folder.bytes.count && bytes[folder.bytes.count] == UInt8(ascii: "/")
      && bytes.starts(with: folder.bytes)
  }
}
