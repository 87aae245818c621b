internal import CTorrent
internal import Vocabulary

/// A .torrent file, read and owned by libtorrent.
final class Metainfo {
  let pointer: OpaquePointer

  /// Larger ones are nobody's honest work: at 16 MiB a piece, 1 TB takes 2 MiB of hashes.
  static let maxBytes = 64 << 20

  /// - Parameter name: of the source, for the error.
  init(_ bytes: [UInt8], name: String) throws {
    var error = [CChar](repeating: 0, count: Int(CTORRENT_TEXT))
    guard bytes.count <= Self.maxBytes else {
      throw AcquisitionError(
        isPermanent: true, "\(name): has \(bytes.count) bytes, a .torrent may have \(Self.maxBytes); is it one?")
    }
    let made = bytes.withUnsafeBytes { raw in
      ctorrent_metainfo_read(raw.baseAddress?.assumingMemoryBound(to: CChar.self), raw.count, &error)
    }
    guard let made else {
      throw AcquisitionError(isPermanent: true, "\(name): is no usable .torrent: \(text(error))")
    }
    pointer = made
  }

  deinit { ctorrent_metainfo_free(pointer) }

  var pieceLength: Int64 { Int64(ctorrent_metainfo_piece_length(pointer)) }
  var pieceCount: Int { Int(ctorrent_metainfo_piece_count(pointer)) }
  var total: Int64 { ctorrent_metainfo_total(pointer) }

  func files() throws -> [TorrentEntry] {
    try (0..<ctorrent_metainfo_file_count(pointer)).map { index in
      var file = ctorrent_file()
      var error = [CChar](repeating: 0, count: Int(CTORRENT_TEXT))
      guard ctorrent_metainfo_file(pointer, index, &file, &error) else {
        throw AcquisitionError(isPermanent: true, "file \(index) of the torrent cannot be read: \(text(error))")
      }
      let path = Array(UnsafeRawBufferPointer(start: file.path, count: file.path_length))
      return TorrentEntry(
        path: BytePath(bytes: path), size: file.size, offset: file.offset, isPadding: file.is_padding,
        isLink: file.is_symlink, isAbsolute: file.is_absolute)
    }
  }

  /// The SHA-256 info hash where there is one, else the SHA-1.
  var infoHash: [UInt8] {
    var long = [UInt8](repeating: 0, count: 32)
    if ctorrent_metainfo_v2(pointer, &long) { return long }
    var short = [UInt8](repeating: 0, count: 20)
    _ = ctorrent_metainfo_v1(pointer, &short)
    return short
  }

  var hasRoots: Bool {
    var hash = [UInt8](repeating: 0, count: 32)
    return ctorrent_metainfo_v2(pointer, &hash)
  }

  /// SHA-1 of a piece.
  func hash(piece: Int) -> [UInt8]? {
    var hash = [UInt8](repeating: 0, count: 20)
    return ctorrent_metainfo_piece_hash(pointer, Int32(piece), &hash) ? hash : nil
  }

  /// Root of the tree of SHA-256 over a file's blocks.
  func root(file: Int) -> [UInt8]? {
    var hash = [UInt8](repeating: 0, count: 32)
    return ctorrent_metainfo_root(pointer, Int32(file), &hash) ? hash : nil
  }
}
