internal import CCrypto
internal import Foundation
internal import Vocabulary

/// Reads the wanted files once more and compares them with the torrent's own hashes, independent of what libtorrent
/// believes: roots of files where the torrent has them (version 2), else pieces. A piece that a wanted file shares with one
/// that is not wanted has no hash of its own half; for it libtorrent's check stands alone.
///
/// Done in steps, so that whoever drives it can do other things in between.
final class HashPass {
  enum Verdict: Equatable {
    case goingOn
    case passed
    /// What does not have its hash.
    case failed(String)
  }

  private let metainfo: Metainfo
  private let layout: TorrentLayout
  private let payload: BytePath
  private let padding: [Range<Int64>]
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
  private let piecesOfFiles: PieceMap
  private(set) var done: Int64 = 0
  private var nextPiece = 0
  private var nextPadding = 0
  private var nextFile = 0
  /// Of the next byte of the next file.
  private var offset: Int64 = 0
  private var tree = MerkleTree()

  init(_ metainfo: Metainfo, _ layout: TorrentLayout, payload: BytePath) {
    self.metainfo = metainfo
    self.layout = layout
    self.payload = payload
    padding = layout.padding
    piecesOfFiles = PieceMap(layout)
  }

  deinit { buffer.deallocate() }

  /// 0...1.
  var progress: Double { layout.wantedBytes > 0 ? Double(done) / Double(layout.wantedBytes) : 1 }

  /// Goes on with about a megabyte.
  ///
  /// - Throws: `AcquisitionError` when a file cannot be read.
  func step() throws -> Verdict { metainfo.hasRoots ? try stepFile() : try stepPiece() }

  private func stepFile() throws -> Verdict {
    guard nextFile < layout.files.count else { return .passed }
    let wanted = layout.files[nextFile]
    let file = try PayloadFile(payload.appending(wanted.name))
    if offset == 0, try file.size != wanted.size { return .failed("\(wanted.name) has another length") }
    let count = Int(min(Int64(buffer.count), wanted.size - offset))
    let part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
    guard try file.read(into: part, at: offset) else { return .failed("\(wanted.name) is shorter") }
    for start in stride(from: 0, to: count, by: MerkleTree.blockBytes) {
      tree.add(UnsafeRawBufferPointer(rebasing: part[start..<min(start + MerkleTree.blockBytes, count)]))
    }
    offset += Int64(count)
    done += Int64(count)
    if offset < wanted.size { return .goingOn }
    let root = tree.root()
    tree = MerkleTree()
    offset = 0
    nextFile += 1
    return wanted.size == 0 || root == metainfo.root(file: wanted.index) ? .goingOn : .failed("\(wanted.name)")
  }

  private func stepPiece() throws -> Verdict {
    guard nextPiece < layout.pieceCount else { return .passed }
    let piece = nextPiece
    nextPiece += 1
    let files = piecesOfFiles.files(in: piece)
    if files.isEmpty { return .goingOn }
    let range = layout.range(ofPiece: piece)
    var hasher = try Hasher160()
    var at = range.lowerBound
    while at < range.upperBound {
      if let file = files.first(where: { [layout] in layout.files[$0].bytes.contains(at) }).map({ [layout] in
        layout.files[$0]
      }) {
        let end = min(range.upperBound, file.offset + file.size)
        guard try hash(file, at - file.offset..<end - file.offset, &hasher) else {
          return .failed("\(file.name) is shorter")
        }
        done += end - at
        at = end
      } else if let zeros = padding(at: at) {
        let end = min(range.upperBound, zeros.upperBound)
        hasher.update(zeros: Int(end - at))
        at = end
      } else {
        return .goingOn
      }
    }
    if hasher.finish() == metainfo.hash(piece: piece) { return .goingOn }
    let names = files.map { [layout] in layout.files[$0].name.display }.joined(separator: ", ")
    return .failed("piece \(piece) (\(names))")
  }

  private func padding(at offset: Int64) -> Range<Int64>? {
    while nextPadding < padding.count, padding[nextPadding].upperBound <= offset { nextPadding += 1 }
    return nextPadding < padding.count && padding[nextPadding].contains(offset) ? padding[nextPadding] : nil
  }

  private func hash(_ file: TorrentLayout.File, _ range: Range<Int64>, _ hasher: inout Hasher160) throws -> Bool {
    let source = try PayloadFile(payload.appending(file.name))
    var at = range.lowerBound
    while at < range.upperBound {
      let part = UnsafeMutableRawBufferPointer(
        rebasing: buffer[..<Int(min(Int64(buffer.count), range.upperBound - at))])
      guard try source.read(into: part, at: at) else { return false }
      hasher.update(UnsafeRawBufferPointer(part))
      at += Int64(part.count)
    }
    return true
  }
}

/// SHA-1 (FIPS 180-4) over a stream: what a torrent of version 1 names its pieces by.
struct Hasher160: ~Copyable {
  private let context: OpaquePointer

  init() throws {
    guard let context = EVP_MD_CTX_new() else { throw AcquisitionError(isPermanent: false, "libcrypto: out of memory") }
    guard EVP_DigestInit_ex(context, EVP_sha1(), nil) == 1 else {
      EVP_MD_CTX_free(context)
      throw AcquisitionError(isPermanent: true, "libcrypto refuses SHA-1, which torrents of version 1 need")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1, "SHA-1 update failed")
  }

  mutating func update(zeros count: Int) {
    let zeros = [UInt8](repeating: 0, count: min(count, 1 << 16))
    var left = count
    while left > 0 {
      zeros.withUnsafeBytes { update(UnsafeRawBufferPointer(rebasing: $0.prefix(left))) }
      left -= min(left, zeros.count)
    }
  }

  /// The 20 bytes; the hasher must not be used again.
  mutating func finish() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 20)
    precondition(EVP_DigestFinal_ex(context, &bytes, nil) == 1, "SHA-1 finish failed")
    return bytes
  }
}
