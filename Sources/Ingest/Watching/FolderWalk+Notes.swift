internal import Foundation
internal import Vocabulary

/// Listening to the kernel's notes.
extension FolderWalk {
  /// False when notes were lost, or what lies in the folder has to be looked at for another reason.
  mutating func listen() -> Bool {
    switch inotify?.read() {
    case nil: return true
    case .overflow:
      // Closings may be among what was lost.
      open.removeAll()
      return false
    case .notes(let notes):
      var isWhole = true
      for note in notes where !hear(note) { isWhole = false }
      return isWhole
    }
  }

  private mutating func hear(_ note: Inotify.Note) -> Bool {
    if note.has(IN_UNMOUNT) { return false }
    if note.has(IN_DELETE_SELF) || note.has(IN_MOVE_SELF) { return !note.folder.bytes.isEmpty }
    if note.has(IN_ISDIR) {
      hear(folder: note)
    } else if note.has(IN_DELETE) || note.has(IN_MOVED_FROM) {
      lose(note.path)
      // What a download kept beside its file is gone: the file may be whole.
      if let owner = TemporaryName.companionOwner(note.name) { look(note.folder.appending(owner)) }
    } else if note.has(IN_CREATE) {
      hear(created: note.path)
    } else if note.has(IN_ATTRIB) {
      if planner.isKnown(note.path) { look(note.path) }
    } else {
      if note.has(IN_CLOSE_WRITE) { open.remove(note.path) }
      look(note.path, isClosed: note.has(IN_CLOSE_WRITE))
    }
    return true
  }

  private mutating func hear(folder note: Inotify.Note) {
    if note.has(IN_MOVED_FROM) || note.has(IN_DELETE) {
      inotify?.forget(below: note.path)
      // A folder is deleted when it is empty: its files were told of one by one, unless nobody listened there.
      if note.has(IN_DELETE) && deafness == nil { return }
      for path in planner.known(below: { $0.isBelow(note.path) }) { lose(path) }
    } else if note.has(IN_CREATE) || note.has(IN_MOVED_TO) {
      if !Self.isPassedOver(note.name) { look(into: note.path) }
    }
  }

  /// A file that was just created is being written, and its closing will be noted. A second link to one is never closed.
  private mutating func hear(created path: BytePath) {
    guard kind(path) != nil, let status = try? OpenedBelow.status(root: root, path: path) else { return }
    if status.st_nlink == 1, status.st_mode & S_IFMT == S_IFREG { open.insert(path) }
    look(path, status)
  }
}
