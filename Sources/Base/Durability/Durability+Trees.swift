internal import CLinux
internal import Foundation
package import Vocabulary

extension Durability {
  /// Syncs everything from `path` down, files before the folders that name them. True for a folder.
  static func syncTree(_ path: BytePath) throws -> Bool {
    switch try kind(of: path) {
    case S_IFDIR:
      for child in try children(of: path) { _ = try syncTree(path.appending(child)) }
      try sync(directory: path)
      return true
    case S_IFREG: try syncOne(path, flags: O_RDONLY)
    default: break
    }
    return false
  }

  /// Publishes files of a staged folder, each under its own path in `folder`, replacing what has that path there. Paths are
  /// relative, names only; the folders between are made. Durable when this returns, but not all at once: who needs to
  /// know what is whole publishes a list afterwards.
  package static func publish(files: [BytePath], of staged: BytePath, into folder: BytePath) throws {
    var touched: Set<BytePath> = []
    if !files.isEmpty { try syncFileSystem(of: staged) }
    Failpoint.hit("publish.files")
    for file in files {
      let place = folder.appending(file)
      let home = place.deletingLastComponent
      if touched.insert(home).inserted { try makeDirectory(home) }
      try rename(staged.appending(file), place)
    }
    for home in touched { try sync(directory: home) }
  }

  /// One flush for thousands of new files: a sync of each would wait for the file system's journal as often. Since Linux
  /// 5.8 it reports write errors, as fsync does.
  private static func syncFileSystem(of path: BytePath) throws {
    let descriptor = path.withCString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    if descriptor < 0 { throw DurabilityError("made durable", path) }
    defer { close(descriptor) }
    let code = clinux_sync_file_system(descriptor)
    if code != 0 { throw DurabilityError("made durable", path, code) }
  }

  /// Gives the first `count` bytes of a file back to the disk. The file keeps its size and reads as zeros there.
  ///
  /// - Returns: false where the file system cannot.
  package static func discard(first count: Int64, of path: BytePath) throws -> Bool {
    let descriptor = path.withCString { open($0, O_WRONLY | O_CLOEXEC | O_NOFOLLOW) }
    if descriptor < 0 { throw DurabilityError("opened", path) }
    defer { close(descriptor) }
    switch clinux_punch(descriptor, 0, count) {
    case 0: return true
    case EOPNOTSUPP, ENOSYS: return false
    case let code: throw DurabilityError("shortened", path, code)
    }
  }

  /// Removes a file or a folder with all it holds. Links are removed, never followed; what is not there is no error.
  package static func removeTree(_ path: BytePath) throws {
    guard exists(path) else { return }
    if try kind(of: path) == S_IFDIR {
      // Folders that a hostile archive made unreadable are still ours to remove.
      _ = path.withCString { chmod($0, 0o700) }
      for child in try children(of: path) { try removeTree(path.appending(child)) }
      if path.withCString({ rmdir($0) }) != 0 && errno != ENOENT { throw DurabilityError("removed", path) }
    } else if path.withCString({ unlink($0) }) != 0 && errno != ENOENT {
      throw DurabilityError("removed", path)
    }
  }

  /// Removes what a crash left in `directory` of files that were never published.
  package static func sweep(_ directory: BytePath) throws {
    let prefix = Array(temporaryPrefix.utf8)
    for child in try children(of: directory) where child.bytes.starts(with: prefix) {
      try removeTree(directory.appending(child))
    }
  }

  private static func kind(of path: BytePath) throws -> mode_t {
    var status = stat()
    if path.withCString({ lstat($0, &status) }) != 0 { throw DurabilityError("looked at", path) }
    return status.st_mode & S_IFMT
  }

  private static func children(of path: BytePath) throws -> [BytePath] {
    guard let stream = path.withCString({ opendir($0) }) else { throw DurabilityError("read", path) }
    defer { closedir(stream) }
    var names: [BytePath] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno != 0 { throw DurabilityError("read", path) }
        return names
      }
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != Array(".".utf8) && name != Array("..".utf8) { names.append(BytePath(bytes: name)) }
    }
  }
}
