internal import Foundation
internal import Vocabulary

/// Looking closely at a file that has been quiet long enough.
extension FolderWalk {
  /// Seconds of quiet after which a file that was created and, as far as one is told, never closed is taken all the same:
  /// the note of its closing may have been lost.
  private static let abandoned = 3600.0

  private enum Finding {
    case free
    /// Somebody can still write to it.
    case written
    case changed(FileState)
    case waits(String)
    case gone
  }

  mutating func judge(_ path: BytePath, _ state: FileState) {
    switch examine(path, state) {
    case .free:
      open.remove(path)
      solve(path)
      var arrival = Arrival(root: root, path: path, bytes: state.bytes, modified: state.modified)
      arrival.kind = kind(path) ?? .clip
      arrival.isReplaced = planner.take(path, state)
      tell(.settled(arrival))
    case .written: planner.hold(path, state, now: clock())
    case .changed(let state): _ = planner.saw(path, state, age: nil, now: clock())
    case .waits(let reason):
      if planner.setAside(path, state) { tell(.vanished(root: root, path: path)) }
      complain(path, reason)
    case .gone: lose(path)
    }
  }

  private func examine(_ path: BytePath, _ state: FileState) -> Finding {
    if let note = companion(path, TemporaryName.notes) {
      return .waits("is not whole: \(note) beside it belongs to a download under way")
    }
    if state.bytes == 0 {
      if let half = companion(path, TemporaryName.halves) {
        return .waits("is empty: \(half) beside it will replace it")
      }
      return .waits("is empty; it is taken when something has been written to it, or can be removed")
    }
    do throws(SystemCode) {
      // O_NONBLOCK: what has become a FIFO meanwhile must not hold us up.
      let file = try OpenedBelow(root: root, path: path, flags: O_RDONLY | O_NONBLOCK)
      if isLocal {
        let hasWriter = options.limits.tellsWriters ? file.hasWriter() : nil
        if hasWriter ?? isBeingCopied(path) { return .written }
      }
      // Looked at now that nobody writes: what was written just before counts.
      guard let now = FileState(try file.status(), keepsInode: isLocal) else { return .gone }
      return now == state ? .free : .changed(now)
    } catch {
      if error.isAbsence { return .gone }
      return .waits("cannot be read: \(error); it is tried again when that changes")
    }
  }

  /// Where the kernel does not say who writes, its notes do.
  private func isBeingCopied(_ path: BytePath) -> Bool {
    open.contains(path) && planner.quiet(path, now: clock()) < Self.abandoned
  }

  private func companion(_ path: BytePath, _ endings: [String]) -> BytePath? {
    // The folder is opened once for all of them: half a million files are looked at so after each start.
    guard let folder = try? OpenedBelow(root: root, path: path.deletingLastComponent, flags: O_RDONLY | O_DIRECTORY)
    else {
      return nil
    }
    let name = path.lastComponent.bytes
    return endings.lazy.map { BytePath(bytes: name + Array($0.utf8)) }.first { name in
      var status = stat()
      return name.withCString { fstatat(folder.descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) } == 0
    }
  }
}
