internal import CArchive  // Its module map claims the C library's timespec.
internal import Foundation
internal import Vocabulary
internal import WorkUnits

/// A member's file while it is written. It is created and never opened: nothing that is there is followed or replaced.
///
/// `write` and `close` are the writing thread's, `hash` and `digest` the hashing one's; the rest is for the reader, and
/// only when both are through with it (`MemberPipeline.drain`).
final class MemberFile: @unchecked Sendable {
  /// Below the batch's folder.
  let name: BytePath
  /// Nanoseconds since 1970.
  let modified: Int64
  private(set) var digest: Digest?
  private var folder: BytePath
  private var path: BytePath
  private var descriptor: Int32
  private var hasher = Hasher256()
  /// True while it is in no batch.
  private(set) var isAside = false

  enum Refusal: Error {
    case taken
    /// A part of the path is a file.
    case blocked
    /// The file system has no such names.
    case unnameable(String)
    case failed(WorkError)
  }

  /// Creates `name` below `folder`, and the folders that it needs.
  init(_ name: BytePath, in folder: BytePath, modified: Int64) throws(Refusal) {
    let path = folder.appending(name)
    try Self.makeFolders(path.deletingLastComponent, root: folder)
    let opened = path.withCString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o644) }
    if opened < 0 { throw Self.refusal(path, errno) }
    self.name = name
    self.folder = folder
    self.path = path
    self.modified = modified
    descriptor = opened
  }

  deinit { closeDescriptor() }

  func write(_ bytes: UnsafeRawBufferPointer) throws(WorkError) {
    var done = 0
    while done < bytes.count {
      let count = Foundation.write(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done)
      if count < 0 {
        if errno == EINTR { continue }
        throw Self.failure(path, errno)
      }
      done += count
    }
  }

  /// Nothing will follow.
  func close() {
    let (seconds, rest) = modified.quotientAndRemainder(dividingBy: 1_000_000_000)
    // Before 1970 the nanoseconds still count forward.
    let moment = timespec(
      tv_sec: Int(rest < 0 ? seconds - 1 : seconds), tv_nsec: Int(rest < 0 ? rest + 1_000_000_000 : rest))
    var times = [moment, moment]
    futimens(descriptor, &times)
    closeDescriptor()
  }

  func hash(_ bytes: UnsafeRawBufferPointer, isLast: Bool) {
    hasher.update(bytes)
    if isLast { digest = hasher.finish() }
  }

  /// Takes it out of its batch, to `place`, while it is not finished. False where the kernel does not let us.
  func moveAside(to place: BytePath) -> Bool {
    if isAside { return true }
    guard Self.rename(path, place) == 0 else { return false }
    Self.removeEmptyFolders(path.deletingLastComponent, root: folder)
    path = place
    isAside = true
    return true
  }

  /// Brings what was moved aside below `folder`, that of a later batch.
  func moveBack(into folder: BytePath) throws {
    let target = folder.appending(name)
    try Self.makeFolders(target.deletingLastComponent, root: folder)
    guard Self.rename(path, target) == 0 else { throw Self.failure(target, errno) }
    self.folder = folder
    path = target
    isAside = false
  }

  /// With the folders that were made for it alone.
  func remove() {
    closeDescriptor()
    _ = path.withCString { unlink($0) }
    if !isAside { Self.removeEmptyFolders(path.deletingLastComponent, root: folder) }
  }

  private func closeDescriptor() {
    if descriptor >= 0 { Foundation.close(descriptor) }
    descriptor = -1
  }

  private static func rename(_ old: BytePath, _ new: BytePath) -> Int32 {
    old.withCString { old in new.withCString { new in Foundation.rename(old, new) } }
  }

  private static func removeEmptyFolders(_ folder: BytePath, root: BytePath) {
    if folder.bytes.count <= root.bytes.count || folder.withCString({ rmdir($0) }) != 0 { return }
    removeEmptyFolders(folder.deletingLastComponent, root: root)
  }

  private static func makeFolders(_ folder: BytePath, root: BytePath) throws(Refusal) {
    if folder.bytes.count <= root.bytes.count { return }
    if folder.withCString({ mkdir($0, 0o755) }) == 0 || errno == EEXIST { return }
    if errno != ENOENT { throw refusal(folder, errno) }
    try makeFolders(folder.deletingLastComponent, root: root)
    if folder.withCString({ mkdir($0, 0o755) }) != 0 && errno != EEXIST { throw refusal(folder, errno) }
  }

  private static func refusal(_ path: BytePath, _ code: Int32) -> Refusal {
    switch code {
    case EEXIST, EISDIR: .taken
    case ENOTDIR: .blocked
    case ENAMETOOLONG, EILSEQ, EINVAL: .unnameable(String(cString: strerror(code)))
    default: .failed(failure(path, code))
    }
  }

  private static func failure(_ path: BytePath, _ code: Int32) -> WorkError {
    let next = code == ENOSPC || code == EDQUOT ? "; make room on this file system" : ""
    return WorkError(.environment, "\(path): cannot be written: \(String(cString: strerror(code)))\(next)")
  }
}
