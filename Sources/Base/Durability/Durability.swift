internal import CLinux
internal import Foundation
package import Vocabulary

/// The one place where bytes become durable: written beside their place, synced, renamed into it, the directory synced.
/// After a crash at any point the place holds the old content or the new one, whole.
///
/// A failed fsync is never repeated: the kernel may have dropped the pages and would report success the second time. What
/// was written is removed and the error thrown, so that the work is done anew.
package enum Durability {
  /// Names that a crash may leave behind begin with this; `sweep` removes them.
  package static let temporaryPrefix = ".primatrix-tmp-"

  /// Publishes a file's whole content under `path`, replacing what was there. Its folder must exist.
  package static func publish(_ bytes: [UInt8], at path: BytePath) throws {
    let temporary = temporaryName(beside: path)
    do {
      try write(bytes, to: temporary)
      Failpoint.hit("publish.written")
      try rename(temporary, path)
    } catch {
      _ = temporary.withCString { unlink($0) }
      throw error
    }
    Failpoint.hit("publish.renamed")
    try sync(directory: path.deletingLastComponent)
  }

  /// Publishes a staged file or folder, which must lie on the same file system, under `path`. Everything below it is
  /// synced first. A folder that is already there is replaced and removed.
  package static func publish(staged: BytePath, at path: BytePath) throws {
    let isFolder = try syncTree(staged)
    try makeDirectory(path.deletingLastComponent)
    Failpoint.hit("publish.staged")
    if isFolder && exists(path) {
      let code = staged.withCString { staged in path.withCString { clinux_exchange(staged, $0) } }
      if code != 0 { throw DurabilityError("published", path, code) }
      Failpoint.hit("publish.exchanged")
      try sync(directory: path.deletingLastComponent)
      try removeTree(staged)
    } else {
      try rename(staged, path)
      Failpoint.hit("publish.renamed")
      try sync(directory: path.deletingLastComponent)
    }
  }

  /// Lets the symbolic link at `path` point to `target`, at once: whoever opens it sees the old file or the new one.
  package static func replaceSymlink(at path: BytePath, target: BytePath) throws {
    let temporary = temporaryName(beside: path)
    let code = target.withCString { target in temporary.withCString { symlink(target, $0) } }
    if code != 0 { throw DurabilityError("linked", path) }
    do {
      try rename(temporary, path)
    } catch {
      _ = temporary.withCString { unlink($0) }
      throw error
    }
    try sync(directory: path.deletingLastComponent)
  }

  /// Makes a directory and those above it, each entry durable.
  package static func makeDirectory(_ path: BytePath) throws {
    if path.bytes.isEmpty || exists(path) { return }
    try makeDirectory(path.deletingLastComponent)
    if path.withCString({ mkdir($0, 0o755) }) != 0 && errno != EEXIST { throw DurabilityError("made", path) }
    try sync(directory: path.deletingLastComponent)
  }

  /// Syncs a directory: a rename inside it is durable only after this.
  package static func sync(directory: BytePath) throws {
    try syncOne(directory.bytes.isEmpty ? "." : directory, flags: O_RDONLY | O_DIRECTORY)
  }

  private static func write(_ bytes: [UInt8], to path: BytePath) throws {
    let descriptor = path.withCString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644) }
    if descriptor < 0 { throw DurabilityError("written", path) }
    defer { close(descriptor) }
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw DurabilityError("written", path)
      }
      done += count
    }
    if fsync(descriptor) != 0 { throw DurabilityError("made durable", path) }
  }

  static func rename(_ old: BytePath, _ new: BytePath) throws {
    let code = old.withCString { old in new.withCString { Foundation.rename(old, $0) } }
    if code != 0 { throw DurabilityError("published", new) }
  }

  private static func temporaryName(beside path: BytePath) -> BytePath {
    path.deletingLastComponent.appending("\(temporaryPrefix)\(UUID().uuidString)")
  }

  static func exists(_ path: BytePath) -> Bool {
    var status = stat()
    return path.withCString { lstat($0, &status) } == 0
  }

  static func syncOne(_ path: BytePath, flags: Int32) throws {
    let descriptor = path.withCString { open($0, flags | O_CLOEXEC | O_NOFOLLOW) }
    if descriptor < 0 { throw DurabilityError("made durable", path) }
    defer { close(descriptor) }
    if fsync(descriptor) != 0 { throw DurabilityError("made durable", path) }
  }
}
