internal import CArchive
internal import Foundation
internal import Vocabulary
internal import WorkUnits

extension Unpacking {
  /// Writes one entry's file. Nil when there is none: a folder, a reject.
  func take(_ entry: OpaquePointer) throws -> (file: MemberFile, bytes: Int64)? {
    let name = ArchiveReader.name(entry)
    if archive_entry_filetype(entry) == S_IFDIR { return nil }
    if let reason = refusal(entry) {
      reject(name, reason)
      return nil
    }
    switch MemberPath.judge(name, isZip: reader.isZip, limits: limits) {
    case .refused(let reason): reject(name, reason)
    case .accepted(let path):
      switch names.conflict(path) {
      case .taken: reject(name, Self.takenReason)
      case .blocked: reject(name, Self.blockedReason)
      case nil: return try write(entry, name, as: path)
      }
    }
    return nil
  }

  private static let takenReason = "its name stands in the archive already; the first member of this name is used"
  private static let blockedReason = "a member has the name of its folder"

  private func write(
    _ entry: OpaquePointer, _ name: [UInt8], as path: BytePath
  ) throws -> (file: MemberFile, bytes: Int64)? {
    let folder = try batches.folder()
    let file: MemberFile
    do throws(MemberFile.Refusal) {
      file = try MemberFile(path, in: folder, modified: Self.modified(entry))
    } catch {
      switch error {
      case .taken: reject(name, Self.takenReason)
      case .blocked: reject(name, Self.blockedReason)
      case .unnameable(let reason): reject(name, "the file system does not take its name: \(reason)")
      case .failed(let error): throw error
      }
      return nil
    }
    current = file
    defer { current = nil }
    guard let bytes = try copy(entry, to: file, name) else {
      try pipeline.drain()
      file.remove()
      return nil
    }
    if file.isAside {
      let folder = try batches.folder()
      try pipeline.drain()
      try file.moveBack(into: folder)
    }
    names.insert(path)
    return (file, bytes)
  }

  /// Returns the count of bytes, or nil when the member cannot be had; the reason is told then.
  private func copy(_ entry: OpaquePointer, to file: MemberFile, _ name: [UInt8]) throws -> Int64? {
    var input = MemberInput(file, pipeline)
    defer { input.abandon() }
    var bytes: Int64 = 0
    do {
      while let piece = try reader.readPiece() {
        guard try append(zerosTo: piece.offset, &bytes, &input, name),
          try mayAppend(Int64(piece.bytes.count), &bytes, name)
        else { return nil }
        try input.append(piece.bytes, in: reader.home(of: piece))
      }
      let size = archive_entry_sparse_count(entry) > 0 ? archive_entry_size(entry) : bytes
      guard try append(zerosTo: size, &bytes, &input, name) else { return nil }
      try input.finish()
      return bytes
    } catch let error as ArchiveReader.ReadError {
      reject(name, "it is damaged: \(error.reason)")
      if error.isFatal && reader.canBeReopened { stuck = error.reason } else if error.isFatal { cut = error.reason }
      return nil
    }
  }

  /// A hole of a sparse file is bytes like others: nobody may fill the disk of whoever copies the file.
  private func append(
    zerosTo end: Int64, _ bytes: inout Int64, _ input: inout MemberInput, _ name: [UInt8]
  ) throws -> Bool {
    if end < bytes { throw ArchiveReader.ReadError(reason: "its parts overlap", isFatal: false) }
    while bytes < end {
      let count = min(end - bytes, Int64(MemberPipeline.Block.bytes))
      guard try mayAppend(count, &bytes, name) else { return false }
      try input.append(zeros: Int(count))
    }
    return true
  }

  /// Counts bytes before they are written. False when a limit is reached; the reason is told then.
  private func mayAppend(_ count: Int64, _ bytes: inout Int64, _ name: [UInt8]) throws -> Bool {
    bytes += count
    written += count
    cut = try exceededLimit()
    if cut != nil { return false }
    if bytes > limits.memberBytes { reject(name, Self.oversizeReason(limits)) }
    return bytes <= limits.memberBytes
  }

  /// Passes over what is left of the current entry.
  func skipRest() throws {
    do {
      try reader.skip()
    } catch let error as ArchiveReader.ReadError {
      if error.isFatal { cut = error.reason }
    }
  }

  private func refusal(_ entry: OpaquePointer) -> String? {
    if archive_entry_hardlink(entry) != nil || archive_entry_filetype(entry) == S_IFLNK { return "it is a link" }
    if archive_entry_filetype(entry) != S_IFREG { return "it is no regular file" }
    if archive_entry_is_encrypted(entry) != 0 { return "it is encrypted" }
    // Where passing over it costs nothing; elsewhere what it unpacks to is counted against the ratio.
    let isSkippable = reader.isPlainTar || reader.isZip || archive_entry_sparse_count(entry) > 0
    let isOversize = archive_entry_size_is_set(entry) != 0 && archive_entry_size(entry) > limits.memberBytes
    return isSkippable && isOversize ? Self.oversizeReason(limits) : nil
  }

  private static func oversizeReason(_ limits: UnpackLimits) -> String {
    "it has more than \(limits.memberBytes) bytes"
  }

  /// Nanoseconds since 1970; a time beyond what they can count (years 1677 to 2262) becomes the nearest they can.
  private static func modified(_ entry: OpaquePointer) -> Int64 {
    let seconds = Int64(archive_entry_mtime(entry))
    let (scaled, isTooFar) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, isJustTooFar) = scaled.addingReportingOverflow(Int64(archive_entry_mtime_nsec(entry)))
    if isTooFar || isJustTooFar { return seconds < 0 ? .min : .max }
    return sum
  }

  /// The limit that the archive as a whole exceeds.
  private func exceededLimit() throws -> String? {
    if written > limits.totalBytes { return "its members have more than \(limits.totalBytes) bytes" }
    guard written > 64 << 20 else { return nil }
    // Of an archive that grows the verdict is that on the whole: it waits until enough is there.
    return try stream.holds(written / Int64(max(1, limits.ratio)))
      ? nil : "it unpacks to more than \(limits.ratio) times its size"
  }

  func reject(_ name: [UInt8], _ reason: String) {
    unsettled.append(UnpackReport.Reject(path: BytePath(bytes: name), reason: reason))
  }
}
