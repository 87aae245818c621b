internal import Foundation
internal import Vocabulary

/// The kernel's notes on directories, by directory.
final class Inotify {
  struct Note {
    /// The directory, relative to the root, and the name in it.
    var folder: BytePath
    var name: BytePath
    var mask: UInt32

    var path: BytePath { folder.appending(name) }
    func has(_ flag: Int32) -> Bool { mask & UInt32(flag) != 0 }
  }

  enum Reading {
    case notes([Note])
    /// Some were lost: everything has to be looked at.
    case overflow
  }

  let descriptor: Int32
  private let limits: WatchOptions.Limits
  private var folders: [Int32: BytePath] = [:]

  private static let wanted = UInt32(
    IN_CLOSE_WRITE | IN_ATTRIB | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF
      | IN_ONLYDIR)

  /// Nil where the kernel has no more instances to give.
  init?(limits: WatchOptions.Limits) {
    self.limits = limits
    descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
    if descriptor < 0 { return nil }
  }

  deinit { close(descriptor) }

  /// Watches an open directory: nil, or errno. Watching it again is no error.
  func watch(_ directory: Int32, as folder: BytePath) -> Int32? {
    if folders.count >= limits.watches { return ENOSPC }
    // Not by its path, on which a folder may have been swapped for a link since.
    let watch = inotify_add_watch(descriptor, "/proc/self/fd/\(directory)", Self.wanted)
    if watch < 0 { return errno }
    folders[watch] = folder
    return nil
  }

  /// A directory was moved away: its notes would come under a name that is wrong.
  func forget(below folder: BytePath) {
    for (watch, path) in folders where path == folder || path.isBelow(folder) {
      inotify_rm_watch(descriptor, watch)
      folders[watch] = nil
    }
  }

  /// What has been noted since the last call; never waits.
  func read() -> Reading {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    var notes: [Note] = []
    var total = 0
    var isOverflown = false
    while true {
      let count = Foundation.read(descriptor, &buffer, buffer.count)
      if count <= 0 { return isOverflown ? .overflow : .notes(notes) }
      var offset = 0
      while offset + MemoryLayout<inotify_event>.size <= count {
        let event = buffer.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: inotify_event.self) }
        let start = offset + MemoryLayout<inotify_event>.size
        offset = start + Int(event.len)
        total += 1
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 || total > limits.notes { isOverflown = true }
        guard let folder = folders[event.wd] else { continue }
        if event.mask & UInt32(IN_IGNORED) != 0 {
          folders[event.wd] = nil
          continue
        }
        if isOverflown { continue }
        let name = BytePath(bytes: Array(buffer[start..<min(offset, count)].prefix { $0 != 0 }))
        notes.append(Note(folder: folder, name: name, mask: event.mask))
      }
    }
  }
}
