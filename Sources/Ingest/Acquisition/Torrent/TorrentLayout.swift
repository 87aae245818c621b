internal import Foundation
package import Vocabulary

/// One file as the torrent has it.
package struct TorrentEntry: Sendable, Equatable {
  package var path: BytePath
  package var size: Int64
  /// With all files laid end to end.
  package var offset: Int64
  package var isPadding = false
  package var isLink = false
  package var isAbsolute = false

  package init(
    path: BytePath, size: Int64, offset: Int64, isPadding: Bool = false, isLink: Bool = false, isAbsolute: Bool = false
  ) {
    self.path = path
    self.size = size
    self.offset = offset
    self.isPadding = isPadding
    self.isLink = isLink
    self.isAbsolute = isAbsolute
  }
}

/// Where the wanted files of a torrent lie among its pieces. A value without effects.
package struct TorrentLayout: Sendable, Equatable {
  package struct File: Sendable, Equatable {
    /// Among all files of the torrent.
    package var index: Int
    /// As the torrent has it, which is also where it lies below the payload directory.
    package var name: BytePath
    package var size: Int64
    /// Of its first byte among all bytes of the torrent.
    package var offset: Int64
    /// With the wanted files laid end to end.
    package var position: Int64

    /// Among all bytes of the torrent.
    package var bytes: Range<Int64> { offset..<offset + size }
  }

  package var pieceLength: Int64
  package var pieceCount: Int
  package var total: Int64
  /// Of all files, wanted or not.
  package var fileCount: Int
  /// What has no bytes on disk: zeros that align the next file.
  package var padding: [Range<Int64>]
  /// Sorted by name: parts of one archive follow each other.
  package var files: [File]

  package var wantedBytes: Int64 { files.reduce(0) { $0 + $1.size } }

  /// The torrent keeps the wanted files in another order than theirs, so that its pieces in turn are not their bytes in turn.
  package private(set) var isShuffled = false

  /// The pieces that hold bytes of a file.
  package func pieces(of file: File) -> Range<Int> {
    if file.size == 0 { return 0..<0 }
    return Int(file.offset / pieceLength)..<Int((file.offset + file.size - 1) / pieceLength) + 1
  }

  package func range(ofPiece piece: Int) -> Range<Int64> {
    let first = Int64(piece) * pieceLength
    return first..<min(first + pieceLength, total)
  }

  /// Judges each name, whether wanted or not, and takes the files that `patterns` want.
  ///
  /// - Throws: `AcquisitionError`, permanent, for a torrent that no honest tool makes or that has nothing wanted.
  package init(_ files: [TorrentEntry], pieceLength: Int64, pieceCount: Int, patterns: [String], name: String) throws {
    func refused(_ why: String) -> AcquisitionError { AcquisitionError(isPermanent: true, "\(name): \(why)") }
    guard pieceLength > 0, pieceLength <= 1 << 28, pieceCount > 0 else {
      throw refused("has pieces of \(pieceLength) bytes, at most \(1 << 28) are taken")
    }
    self.pieceLength = pieceLength
    self.pieceCount = pieceCount
    total = files.last.map { $0.offset + $0.size } ?? 0
    fileCount = files.count
    padding = files.filter(\.isPadding).map { $0.offset..<$0.offset + $0.size }
    self.files = []
    let real = files.enumerated().filter { !$0.element.isPadding }
    for (_, file) in real {
      if let fault = Self.fault(file) { throw refused("file \(file.path.display.debugDescription) \(fault)") }
    }
    if let twice = Self.collision(real.map(\.element.path)) {
      throw refused("two of its files would be one: \(twice.display.debugDescription)")
    }
    let wanted = real.filter { !$0.element.isLink && Self.isWanted($0.element.path, patterns) }
    if wanted.isEmpty {
      throw refused(
        patterns.isEmpty
          ? "has no files" : "none of its \(real.count) files matches \(patterns.joined(separator: ", "))")
    }
    var position: Int64 = 0
    for (index, file) in wanted.sorted(by: { $0.element.path < $1.element.path }) {
      self.files.append(
        File(index: index, name: file.path, size: file.size, offset: file.offset, position: position))
      position += file.size
    }
    isShuffled = zip(self.files, self.files.dropFirst()).contains { $0.offset > $1.offset }
  }

  /// libtorrent cleans names; this is the proof that what it made of them stays below the payload directory.
  private static func fault(_ file: TorrentEntry) -> String? {
    let parts = file.path.bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    if file.isAbsolute || file.path.isAbsolute { return "lies outside" }
    if file.path.bytes.isEmpty || parts.contains(where: \.isEmpty) { return "has an empty part in its name" }
    if parts.contains(where: { $0.elementsEqual(".".utf8) || $0.elementsEqual("..".utf8) }) { return "lies outside" }
    if file.path.bytes.contains(0) { return "has a NUL in its name" }
    if file.path.bytes.count > 3000 || parts.contains(where: { $0.count > 255 }) { return "has too long a name" }
    if file.size < 0 || file.offset < 0 { return "has no size" }
    return nil
  }

  /// A name that two files have, or that is a file's and a folder's.
  private static func collision(_ paths: [BytePath]) -> BytePath? {
    let names = Set(paths)
    if names.count < paths.count {
      var seen: Set<BytePath> = []
      return paths.first { !seen.insert($0).inserted }
    }
    var folders: Set<BytePath> = []
    for path in paths {
      var folder = path.deletingLastComponent
      while !folder.bytes.isEmpty, folders.insert(folder).inserted {
        if names.contains(folder) { return folder }
        folder = folder.deletingLastComponent
      }
    }
    return nil
  }

  static func isWanted(_ path: BytePath, _ patterns: [String]) -> Bool {
    if patterns.isEmpty { return true }
    let inside = BytePath(bytes: Array(path.bytes.drop { $0 != UInt8(ascii: "/") }.dropFirst()))
    return patterns.contains { pattern in
      [path, inside].contains { name in
        !name.bytes.isEmpty && name.withCString { fnmatch(pattern, $0, 0) == 0 }
      }
    }
  }
}
