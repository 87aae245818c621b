/// Which pieces are here, and what that means for the files. A value without effects; asking costs nothing, since what is
/// here only grows between two `replace`.
package struct PieceMap: Sendable {
  package let layout: TorrentLayout
  private var pieces: [Bool]
  /// For each wanted file, the first of its pieces that may be missing.
  private var next: [Int]
  /// Bytes of wanted files in pieces that are here.
  package private(set) var bytes: Int64 = 0
  package let wantedBytes: Int64
  /// No file before this one has anything missing.
  private var first = 0
  /// Wanted files by their offset, for looking up a piece's.
  private let byOffset: [Int]

  package init(_ layout: TorrentLayout) {
    self.layout = layout
    pieces = Array(repeating: false, count: layout.pieceCount)
    next = layout.files.map { layout.pieces(of: $0).lowerBound }
    wantedBytes = layout.wantedBytes
    byOffset = layout.files.indices.filter { layout.files[$0].size > 0 }
      .sorted { layout.files[$0].offset < layout.files[$1].offset }
  }

  package var isComplete: Bool { bytes == wantedBytes }

  package func has(_ piece: Int) -> Bool { pieces[piece] }

  package mutating func insert(_ piece: Int) {
    guard pieces.indices.contains(piece), !pieces[piece] else { return }
    pieces[piece] = true
    bytes += wantedBytes(in: piece)
  }

  package func wantedBytes(in piece: Int) -> Int64 {
    let range = layout.range(ofPiece: piece)
    return files(in: piece).reduce(0) { sum, file in
      let shared = layout.files[file].bytes.clamped(to: range)
      return sum + shared.upperBound - shared.lowerBound
    }
  }

  /// All anew, as libtorrent says now.
  package mutating func replace(_ here: [Bool]) {
    var fresh = PieceMap(layout)
    for (piece, isHere) in here.enumerated() where isHere { fresh.insert(piece) }
    self = fresh
  }

  /// Bytes from the file's first on that lie in pieces that are here.
  package mutating func prefix(of file: Int) -> Int64 {
    let wanted = layout.files[file]
    let range = layout.pieces(of: wanted)
    while next[file] < range.upperBound, pieces[next[file]] { next[file] += 1 }
    if next[file] >= range.upperBound { return wanted.size }
    return max(0, Int64(next[file]) * layout.pieceLength - wanted.offset)
  }

  /// The first wanted file that has bytes missing.
  package mutating func firstIncomplete() -> Int? {
    while first < layout.files.count, prefix(of: first) == layout.files[first].size { first += 1 }
    return first < layout.files.count ? first : nil
  }

  /// The piece with the first missing byte, in the files' order; nil when there is none.
  package mutating func firstMissingPiece() -> Int? { firstIncomplete().map { next[$0] } }

  /// Wanted files that have bytes in a piece, by their place in `layout.files`.
  package func files(in piece: Int) -> ArraySlice<Int> {
    let range = layout.range(ofPiece: piece)
    // The first file that ends behind the piece's beginning.
    var low = 0
    var high = byOffset.count
    while low < high {
      let middle = (low + high) / 2
      let file = layout.files[byOffset[middle]]
      if file.offset + file.size <= range.lowerBound { low = middle + 1 } else { high = middle }
    }
    var end = low
    while end < byOffset.count, layout.files[byOffset[end]].offset < range.upperBound { end += 1 }
    return byOffset[low..<end]
  }
}
