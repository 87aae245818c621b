internal import CArchive
internal import Foundation
internal import Vocabulary
internal import WorkUnits

/// One archive being unpacked.
struct Unpacking {
  private let reader: ArchiveReader
  private let limits: UnpackLimits
  private let root: BytePath
  private(set) var report = UnpackReport()
  /// Members, folders and rejects so far: each costs something.
  private var entries = 0
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
      case .badMember(let name, let reason):
        let before = report.rejects.count
        reject(name, "it is damaged: \(reason)")
        count(report.rejects.count - before)
      case .member(let entry):
        count(1)
        if report.cutShort != nil { return }
        try take(entry)
        progress(WorkProgress(done: report.members.count, note: report.members.last?.path.display))
      }
    }
  }

  private mutating func count(_ more: Int) {
    entries += more
    if entries > limits.members { report.cutShort = "it has more than \(limits.members) members" }
  }

  private mutating func take(_ entry: OpaquePointer) throws {
    let name = ArchiveReader.name(entry)
    if archive_entry_filetype(entry) == S_IFDIR { return }
    if let reason = Self.refusal(entry) { return reject(name, reason) }
    switch MemberPath.judge(name, isZip: reader.isZip, limit: limits.pathBytes) {
    case .refused(let reason): reject(name, reason)
    case .accepted(let path):
      do throws(MemberFile.Refusal) {
        let file = try MemberFile(root.appending(path), root: root)
        try write(entry, to: file, as: path)
      } catch {
        switch error {
        case .taken: reject(name, "its name stands in the archive already; the first member of this name is used")
        case .blocked: reject(name, "a member has the name of its folder")
        case .unnameable(let reason): reject(name, "the file system does not take its name: \(reason)")
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
        if let limit = exceeded() {
          file.remove()
          report.cutShort = limit
          return
        }
        if bytes > limits.memberBytes {
          file.remove()
          return reject(ArchiveReader.name(entry), "it has more than \(limits.memberBytes) bytes")
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
    let modified = Self.modified(entry)
    file.setModified(modified)
    report.members.append(
      UnpackReport.Member(path: path, bytes: bytes, digest: hasher.finish(), modified: modified))
  }

  /// Nanoseconds since 1970; a time beyond what they can count (years 1677 to 2262) becomes the nearest they can.
  private static func modified(_ entry: OpaquePointer) -> Int64 {
    let seconds = Int64(archive_entry_mtime(entry))
    let (scaled, isTooFar) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, isJustTooFar) = scaled.addingReportingOverflow(Int64(archive_entry_mtime_nsec(entry)))
    if isTooFar || isJustTooFar { return seconds < 0 ? .min : .max }
    return sum
  }

  private func exceeded() -> String? {
    if written > limits.totalBytes { return "its members have more than \(limits.totalBytes) bytes" }
    let isBomb = written > 64 << 20 && written / Int64(limits.ratio) > reader.bytes
    return isBomb ? "it unpacks to more than \(limits.ratio) times its size" : nil
  }

  /// A broken stretch of an archive is met again at each block: one reject tells it.
  private mutating func reject(_ name: [UInt8], _ reason: String) {
    let reject = UnpackReport.Reject(path: BytePath(bytes: name), reason: reason)
    if reject != report.rejects.last { report.rejects.append(reject) }
  }
}
