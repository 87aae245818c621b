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
