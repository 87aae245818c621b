internal import CArchive
internal import Confinement
internal import Foundation
package import Vocabulary
package import WorkUnits

/// Unpacks one archive, hashing each member as it is written. A member that is hostile or damaged is rejected with its
/// reason; the others are extracted bit by bit as they are.
package enum UnpackWorker {
  /// Confines this process, for good, to what `run` needs: reading the archive and writing below `output`. Apart from
  /// `run` because it cannot be undone. Call it before the first byte of the archive is read.
  ///
  /// - Throws: `WorkError(.environment)` when the archive or the directory cannot be opened, or the kernel cannot confine.
  package static func confine(_ spec: UnpackSpec, output: BytePath) throws {
    // Read from files at first use.
    setlocale(LC_CTYPE, "C.UTF-8")
    let archive = spec.archive.withCString { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
    guard archive >= 0 else {
      throw WorkError(.environment, "\(spec.archive): cannot be opened: \(String(cString: strerror(errno)))")
    }
    defer { close(archive) }
    let directory = output.withCString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard directory >= 0 else {
      throw WorkError(.environment, "\(output): cannot be opened: \(String(cString: strerror(errno)))")
    }
    defer { close(directory) }
    var status = stat()
    fstat(archive, &status)
    do {
      // The report of the members is a file too. The slowest filter makes some MB a second of its input.
      _ = try Confinement.unpacker(
        readable: archive, writable: directory, fileBytes: max(spec.limits.memberBytes, 1 << 30),
        processorSeconds: 600 + Int64(status.st_size) >> 20)
    } catch {
      throw WorkError(.environment, "\(error)")
    }
  }

  /// Writes `files/` and `members.json` into `output`, an empty directory.
  ///
  /// - Throws: `WorkError`: `.input` when the file is no archive or not one member could be read, `.environment` when the
  ///   disk does not take it.
  package static func run(_ spec: UnpackSpec, output: BytePath, progress: ProgressReport) throws {
    let root = output.appending(UnpackSpec.filesName)
    if root.withCString({ mkdir($0, 0o755) }) != 0 {
      throw WorkError(.environment, "\(root): cannot be made: \(String(cString: strerror(errno)))")
    }
    let reader = try ArchiveReader(spec.archive)
    var unpacking = Unpacking(reader: reader, limits: spec.limits, root: root)
    try unpacking.all(progress)
    var report = unpacking.report
    if report.members.isEmpty, let cut = report.cutShort {
      throw WorkError(
        .input, "\(spec.archive): not an archive that can be read (tar or zip; gzip, bzip2, xz, zstd): \(cut)")
    }
    // The same archive gives the same report, whatever order a damaged directory led to.
    report.members.sort { $0.path < $1.path }
    let path = output.appending(UnpackSpec.reportName)
    do {
      try CanonicalJSON.encode(report).write(to: URL(filePath: path.display))
    } catch {
      throw WorkError(.environment, "\(path): cannot be written: \(error.localizedDescription)")
    }
  }
}

/// One archive being unpacked.
private struct Unpacking {
  let reader: ArchiveReader
  let limits: UnpackLimits
  let root: BytePath
  var report = UnpackReport()
  private var written: Int64 = 0
  private var buffer = [UInt8](repeating: 0, count: 1 << 20)

  init(reader: ArchiveReader, limits: UnpackLimits, root: BytePath) {
    self.reader = reader
    self.limits = limits
    self.root = root
  }

  /// Until the end, or until something makes it pointless to go on.
  mutating func all(_ progress: ProgressReport) throws {
    while report.cutShort == nil {
      switch reader.next() {
      case .end: return
      case .broken(let reason): report.cutShort = reason
      case .badMember(let name, let reason): reject(name, reason)
      case .member(let entry):
        try take(entry)
        progress(WorkProgress(done: report.members.count, note: report.members.last?.path.display))
      }
    }
  }

  private mutating func take(_ entry: OpaquePointer) throws {
    let name = ArchiveReader.name(entry)
    if archive_entry_filetype(entry) == S_IFDIR { return }
    if let reason = Self.refusal(entry) { return reject(name, reason) }
    switch MemberPath.judge(name, isZip: reader.isZip, limit: limits.pathBytes) {
    case .refused(let reason): reject(name, reason)
    case .accepted(let path):
      if report.members.count >= limits.members {
        report.cutShort = "it has more than \(limits.members) members"
        return
      }
      do throws(MemberFile.Refusal) {
        let file = try MemberFile(root.appending(path), root: root)
        try write(entry, to: file, as: path)
      } catch {
        switch error {
        case .taken: reject(name, "its name stands in the archive already; the first member of this name is used")
        case .blocked: reject(name, "a member has the name of its folder")
        case .failed(let error): throw error
        }
      }
    }
  }

  private static func refusal(_ entry: OpaquePointer) -> String? {
    if archive_entry_hardlink(entry) != nil || archive_entry_filetype(entry) == S_IFLNK { return "it is a link" }
    if archive_entry_filetype(entry) != S_IFREG { return "it is no regular file" }
    return archive_entry_is_encrypted(entry) != 0 ? "it is encrypted" : nil
  }

  private mutating func write(
    _ entry: OpaquePointer, to file: borrowing MemberFile, as path: BytePath
  ) throws(MemberFile.Refusal) {
    var hasher = Hasher256()
    var bytes: Int64 = 0
    do {
      while true {
        let count = try buffer.withUnsafeMutableBytes { buffer throws in
          let count = try reader.read(into: buffer)
          let part = UnsafeRawBufferPointer(rebasing: buffer.prefix(count))
          hasher.update(part)
          if bytes + Int64(count) <= limits.memberBytes { try file.write(part) }
          return count
        }
        if count == 0 { break }
        bytes += Int64(count)
        written += Int64(count)
        if let limit = exceeded(bytes) {
          file.remove()
          report.cutShort = limit
          return
        }
      }
    } catch let error as ArchiveReader.ReadError {
      file.remove()
      reject(ArchiveReader.name(entry), "it is damaged: \(error.reason)")
      if error.isFatal { report.cutShort = error.reason }
      return
    } catch {
      file.remove()
      throw .failed(error as? WorkError ?? WorkError(.failure, "\(error)"))
    }
    let modified = Int64(archive_entry_mtime(entry)) * 1_000_000_000 + Int64(archive_entry_mtime_nsec(entry))
    file.setModified(modified)
    report.members.append(
      UnpackReport.Member(path: path, bytes: bytes, digest: hasher.finish(), modified: modified))
  }

  private func exceeded(_ bytes: Int64) -> String? {
    if bytes > limits.memberBytes { return "a member has more than \(limits.memberBytes) bytes" }
    if written > limits.totalBytes { return "its members have more than \(limits.totalBytes) bytes" }
    let isBomb = written > 64 << 20 && written / Int64(limits.ratio) > reader.consumed
    return isBomb ? "it unpacks to more than \(limits.ratio) times its size" : nil
  }

  private mutating func reject(_ name: [UInt8], _ reason: String) {
    report.rejects.append(UnpackReport.Reject(path: BytePath(bytes: name), reason: reason))
  }
}
