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
  private var folders: [Int32: BytePath] = [:]

  private static let wanted = UInt32(
    IN_CLOSE_WRITE | IN_ATTRIB | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF
      | IN_ONLYDIR)

  /// Nil where the kernel has no more instances to give.
  init?() {
    descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
    if descriptor < 0 { return nil }
  }

  deinit { close(descriptor) }

  /// Watches a directory: nil, or errno. Watching it again is no error. Only the root may be a link to one.
  func watch(_ path: BytePath, as folder: BytePath) -> Int32? {
    let flags = folder.bytes.isEmpty ? Self.wanted : Self.wanted | UInt32(IN_DONT_FOLLOW)
    let watch = path.withCString { inotify_add_watch(descriptor, $0, flags) }
    if watch < 0 { return errno }
    folders[watch] = folder
    return nil
  }

  /// A directory was moved away: its notes would come under a name that is wrong.
  func forget(below folder: BytePath) {
    for (watch, path) in folders where path == folder || path.bytes.starts(with: folder.bytes + [UInt8(ascii: "/")]) {
      inotify_rm_watch(descriptor, watch)
      folders[watch] = nil
    }
  }

  /// What has been noted since the last call; never waits.
  func read() -> Reading {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    var notes: [Note] = []
    while true {
      let count = Foundation.read(descriptor, &buffer, buffer.count)
      if count <= 0 { return .notes(notes) }
      var offset = 0
      while offset + MemoryLayout<inotify_event>.size <= count {
        let event = buffer.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: inotify_event.self) }
        let start = offset + MemoryLayout<inotify_event>.size
        offset = start + Int(event.len)
        if event.mask & UInt32(IN_Q_OVERFLOW) != 0 { return .overflow }
        guard let folder = folders[event.wd] else { continue }
        if event.mask & UInt32(IN_IGNORED) != 0 {
          folders[event.wd] = nil
          continue
        }
        let name = BytePath(bytes: Array(buffer[start..<min(offset, count)].prefix { $0 != 0 }))
        notes.append(Note(folder: folder, name: name, mask: event.mask))
      }
    }
  }
}
