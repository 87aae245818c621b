internal import CArchive
internal import Foundation
internal import Vocabulary
internal import WorkUnits

/// libarchive's reader with the formats that data sets are published in, and no others: every reader is attack surface, and
/// that of RAR has been the worst.
final class ArchiveReader {
  private let archive: OpaquePointer
  private let source: any ByteSource
  private let stream: ArchiveStream
  private var last: Step?

  enum Formats {
    /// Without any filter: the rest of a plain tar file.
    case bareTar
    /// With filters: what can be read while it grows.
    case tar
    case all(rar: Bool)
  }

  enum Step {
    case member(OpaquePointer)
    /// This member only.
    case badMember(name: [UInt8], reason: String)
    case end
    /// Nothing can be read from here on.
    case broken(String)
  }

  /// - Parameter gunzip: between the stream and libarchive, where the archive is compressed by gzip.
  /// - Throws: what the stream failed with, or `Refusal` for what is no archive.
  init(_ stream: ArchiveStream, _ formats: Formats, gunzip: GzipStream? = nil) throws {
    // Names in zip and pax are UTF-8; libarchive converts them to the locale's.
    setlocale(LC_CTYPE, "C.UTF-8")
    guard let archive = archive_read_new() else { throw WorkError(.environment, "out of memory") }
    self.archive = archive
    self.stream = stream
    source = gunzip ?? stream
    for support in Self.supports(formats) { _ = support(archive) }
    // Zeros inside a damaged member look like the end of a tar file; only the end of the file is the end.
    _ = archive_read_set_option(archive, "tar", "read_concatenated_archives", "1")
    connect()
    let code = archive_read_open1(archive)
    if let failure = source.failure { throw failure }
    if code != ARCHIVE_OK { throw Refusal(reason: reason) }
  }

  deinit { archive_read_free(archive) }

  struct Refusal: Error {
    var reason: String
  }

  private typealias Support = @Sendable (OpaquePointer?) -> Int32

  private static func supports(_ formats: Formats) -> [Support] {
    let filters: [Support] = [
      archive_read_support_filter_gzip, archive_read_support_filter_bzip2, archive_read_support_filter_xz,
      archive_read_support_filter_zstd,
    ]
    switch formats {
    case .bareTar: return [archive_read_support_format_tar]
    case .tar: return filters + [archive_read_support_format_tar]
    case .all(let rar):
      let rars: [Support] = rar ? [archive_read_support_format_rar, archive_read_support_format_rar5] : []
      let others: [Support] = [
        archive_read_support_format_tar, archive_read_support_format_zip, archive_read_support_format_7zip,
      ]
      return filters + others + rars
    }
  }

  private func connect() {
    archive_read_set_callback_data(archive, Unmanaged.passUnretained(self).toOpaque())
    archive_read_set_read_callback(archive) { _, data, buffer in
      guard let bytes = ArchiveReader.reader(data)?.source.next() else { return -1 }
      buffer?.pointee = bytes.baseAddress
      return bytes.count
    }
    archive_read_set_skip_callback(archive) { _, data, count in ArchiveReader.reader(data)?.source.skip(count) ?? 0 }
    guard stream.isWhole, source === stream else { return }
    archive_read_set_seek_callback(archive) { _, data, offset, whence in
      guard let stream = ArchiveReader.reader(data)?.stream else { return Int64(ARCHIVE_FATAL) }
      let base = whence == SEEK_CUR ? stream.position : whence == SEEK_END ? stream.limit : 0
      let (target, isTooFar) = base.addingReportingOverflow(offset)
      let reached = isTooFar ? -1 : stream.seek(to: target)
      return reached < 0 ? Int64(ARCHIVE_FATAL) : reached
    }
  }

  private static func reader(_ data: UnsafeMutableRawPointer?) -> ArchiveReader? {
    data.map { Unmanaged<ArchiveReader>.fromOpaque($0).takeUnretainedValue() }
  }

  /// What comes next. A broken stretch is met again at each of its blocks and told once.
  ///
  /// - Throws: what the stream failed with.
  func next() throws -> Step {
    while true {
      let step = readHeader()
      if let failure = source.failure { throw failure }
      if case .badMember(let name, let reason) = step, case .badMember(let lastName, let lastReason)? = last,
        name == lastName, reason == lastReason
      {
        continue
      }
      last = step
      return step
    }
  }

  private func readHeader() -> Step {
    var entry: OpaquePointer?
    // libarchive takes a name that it cannot convert for a lack of memory, and gives up, where an old ENOMEM is about.
    errno = 0
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

  /// Bytes of a member and where in it they stand: holes of sparse files are left out. They are valid until the next call.
  struct Piece {
    var offset: Int64
    var bytes: UnsafeRawBufferPointer
  }

  /// The next bytes of the current member; nil at its end.
  ///
  /// - Throws: `ReadError`, or what the stream failed with.
  func readPiece() throws -> Piece? {
    var start: UnsafeRawPointer?
    var count = 0
    var offset: Int64 = 0
    let code = archive_read_data_block(archive, &start, &count, &offset)
    if let failure = source.failure { throw failure }
    if code == ARCHIVE_EOF { return nil }
    if code < ARCHIVE_OK { throw ReadError(reason: reason, isFatal: code == ARCHIVE_FATAL) }
    return Piece(offset: offset, bytes: UnsafeRawBufferPointer(start: start, count: count))
  }

  /// Passes over what is left of the current member. Throws as `read`.
  func skip() throws {
    let code = archive_read_data_skip(archive)
    if let failure = source.failure { throw failure }
    if code < ARCHIVE_WARN { throw ReadError(reason: reason, isFatal: code == ARCHIVE_FATAL) }
  }

  struct ReadError: Error {
    var reason: String
    /// True when the rest of the archive cannot be read either.
    var isFatal: Bool
  }

  var isZip: Bool { archive_format(archive) & Int32(ARCHIVE_FORMAT_BASE_MASK) == Int32(ARCHIVE_FORMAT_ZIP) }
  var isTar: Bool { archive_format(archive) & Int32(ARCHIVE_FORMAT_BASE_MASK) == Int32(ARCHIVE_FORMAT_TAR) }
  var isPlainTar: Bool { source === stream && isTar && archive_filter_code(archive, 0) == ARCHIVE_FILTER_NONE }

  /// True where another reader, begun anew, finds each member without reading the ones before.
  var canBeReopened: Bool { isZip && source === stream && stream.isWhole }

  /// The archive's offset of the next header; of a plain tar file, between two members.
  var offset: Int64 { stream.offset(archive_filter_bytes(archive, 0)) }

  /// The name as in the archive; empty when it has none that can be told.
  static func name(_ entry: OpaquePointer) -> [UInt8] {
    guard let name = archive_entry_pathname(entry) ?? archive_entry_pathname_utf8(entry) else { return [] }
    return Array(UnsafeBufferPointer(start: name, count: strlen(name))).map { UInt8(bitPattern: $0) }
  }

  /// The block that a piece lies in; nil when it is gone with the next call.
  func home(of piece: Piece) -> MemberPipeline.Block? { source.home(of: piece.bytes) }

  private var reason: String {
    source.damage ?? archive_error_string(archive).map { String(cString: $0) }
      ?? "it refers to bytes that it does not have"
  }
}
