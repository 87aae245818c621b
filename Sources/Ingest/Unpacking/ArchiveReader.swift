internal import CArchive
internal import Foundation
internal import Vocabulary
internal import WorkUnits

/// libarchive's reader with the formats that data sets are published in, and no others: every reader is attack surface, and
/// that of RAR has been the worst.
final class ArchiveReader {
  private let archive: OpaquePointer
  /// Of the archive's file.
  private(set) var bytes: Int64 = 0

  enum Step {
    case member(OpaquePointer)
    /// This member only.
    case badMember(name: [UInt8], reason: String)
    case end
    /// Nothing can be read from here on.
    case broken(String)
  }

  /// - Throws: `WorkError`: `.input` for what is no archive.
  init(_ path: BytePath) throws {
    // Names in zip and pax are UTF-8; libarchive converts them to the locale's.
    setlocale(LC_CTYPE, "C.UTF-8")
    guard let archive = archive_read_new() else { throw WorkError(.environment, "out of memory") }
    self.archive = archive
    for support in [
      archive_read_support_format_tar, archive_read_support_format_zip, archive_read_support_format_7zip,
      archive_read_support_filter_gzip, archive_read_support_filter_bzip2, archive_read_support_filter_xz,
      archive_read_support_filter_zstd,
    ] {
      _ = support(archive)
    }
    // Zeros inside a damaged member look like the end of a tar file; only the end of the file is the end.
    _ = archive_read_set_option(archive, "tar", "read_concatenated_archives", "1")
    var status = stat()
    if path.withCString({ stat($0, &status) }) == 0 { bytes = Int64(status.st_size) }
    let code = path.withCString { archive_read_open_filename(archive, $0, 1 << 20) }
    if code != ARCHIVE_OK {
      let isMissing = path.withCString { access($0, R_OK) } != 0
      throw WorkError(isMissing ? .environment : .input, Self.refusal(path, reason))
    }
  }

  deinit { archive_read_free(archive) }

  func next() -> Step {
    var entry: OpaquePointer?
    let code = archive_read_next_header(archive, &entry)
    switch code {
    case ARCHIVE_EOF: return .end
    case ARCHIVE_OK, ARCHIVE_WARN:
      guard let entry else { return .broken("a member without a header") }
      // A name that is not UTF-8 where the archive promises it cannot be had from libarchive.
      if code == ARCHIVE_WARN, Self.name(entry).isEmpty { return .badMember(name: [], reason: reason) }
      return .member(entry)
    case ARCHIVE_RETRY, ARCHIVE_FAILED:
      return .badMember(name: entry.map(Self.name) ?? [], reason: reason)
    default: return .broken(reason)
    }
  }

  /// Up to `buffer.count` bytes of the current member; 0 at its end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(ReadError) -> Int {
    let count = archive_read_data(archive, buffer.baseAddress, buffer.count)
    if count < 0 { throw ReadError(reason: reason, isFatal: count == Int(ARCHIVE_FATAL)) }
    return count
  }

  struct ReadError: Error {
    var reason: String
    /// True when the rest of the archive cannot be read either.
    var isFatal: Bool
  }

  var isZip: Bool { archive_format(archive) & Int32(ARCHIVE_FORMAT_BASE_MASK) == Int32(ARCHIVE_FORMAT_ZIP) }

  static func refusal(_ path: BytePath, _ reason: String) -> String {
    "\(path): nothing can be unpacked from it (known are tar, zip and 7z, with gzip, bzip2, xz or zstd): \(reason)"
  }

  /// The name as in the archive; empty when it has none that can be told.
  static func name(_ entry: OpaquePointer) -> [UInt8] {
    guard let name = archive_entry_pathname(entry) ?? archive_entry_pathname_utf8(entry) else { return [] }
    return Array(UnsafeBufferPointer(start: name, count: strlen(name))).map { UInt8(bitPattern: $0) }
  }

  private var reason: String { archive_error_string(archive).map { String(cString: $0) } ?? "no reason given" }
}
