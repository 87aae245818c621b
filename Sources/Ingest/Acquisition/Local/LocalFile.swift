internal import Foundation
internal import Vocabulary

/// A regular file of this machine, as it was when it was looked at.
struct LocalFile {
  /// Relative, as the source names it.
  let name: BytePath
  let path: BytePath
  let state: FileState

  /// The file at `path`, or all below it. Names begin with the directory's own where there are several.
  static func find(_ path: BytePath, isOnlyOne: Bool, _ stop: StopFlag) throws -> [LocalFile] {
    var status = stat()
    if !path.isAbsolute || path.withCString({ stat($0, &status) }) != 0 {
      throw failure(path, path.isAbsolute ? errno : EINVAL)
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return [LocalFile(name: path.lastComponent, path: path, state: FileState(status))]
    case S_IFDIR:
      var found: [LocalFile] = []
      try collect(path, isOnlyOne ? "" : path.lastComponent, into: &found, stop)
      if found.isEmpty { throw AcquisitionError(isPermanent: true, "\(path): holds no file") }
      return found.sorted { $0.name < $1.name }
    default: throw AcquisitionError(isPermanent: true, "\(path): is neither a file nor a directory")
    }
  }

  private static func collect(
    _ folder: BytePath, _ name: BytePath, into found: inout [LocalFile], _ stop: StopFlag
  ) throws {
    try stop.check()
    guard let stream = folder.withCString({ opendir($0) }) else { throw failure(folder, errno) }
    defer { closedir(stream) }
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno != 0 { throw failure(folder, errno) }
        return
      }
      let child = BytePath(bytes: withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) })
      if child == "." || child == ".." { continue }
      let path = folder.appending(child)
      var status = stat()
      // Gone since: then it is none of the files that are here.
      if path.withCString({ lstat($0, &status) }) != 0 { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: try collect(path, name.appending(child), into: &found, stop)
      case S_IFREG: found.append(LocalFile(name: name.appending(child), path: path, state: FileState(status)))
      default: break
      }
    }
  }

  /// Of this content, as far as one can say without reading it.
  var identity: Digest {
    Digest(of: Data(path.bytes + Array("\n\(state.bytes) \(state.modified) \(state.inode)".utf8)))
  }

  func fetched(_ identity: Digest) -> FetchedFile {
    FetchedFile(name: name, path: path, bytes: state.bytes, identity: identity, isOurs: false)
  }

  /// Reads it all. `progress` is called with the bytes read, at least once for each 64 MiB.
  func hash(_ stop: StopFlag, progress: (Int64) -> Void) throws -> Digest {
    let file = path.withCString { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    if file < 0 { throw Self.failure(path, errno) }
    defer { close(file) }
    var hasher = Hasher256()
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var done: Int64 = 0
    while true {
      try stop.check()
      let count = read(file, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw Self.failure(path, errno) }
      if count == 0 { break }
      buffer.withUnsafeBytes { hasher.update(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
      done += Int64(count)
      if done % (64 << 20) < Int64(buffer.count) { progress(done) }
    }
    var status = stat()
    guard fstat(file, &status) == 0, FileState(status) == state else {
      throw AcquisitionError(isPermanent: false, "\(path): was changed while it was read; it is read again")
    }
    return hasher.finish()
  }

  private static func failure(_ path: BytePath, _ code: Int32) -> AcquisitionError {
    let isMissing = [ENOENT, ENOTDIR, EACCES, EINVAL].contains(code)
    let next = isMissing ? "; check urls of this source in the configuration, or mount the disk" : ""
    return AcquisitionError(
      isPermanent: isMissing, "\(path): cannot be read: \(String(cString: strerror(code)))\(next)")
  }
}
