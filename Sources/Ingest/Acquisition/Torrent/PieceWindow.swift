/// Which pieces may be asked for.
package struct PieceWindow: Sendable, Equatable {
  /// The pieces that may come have at most so many wanted bytes.
  package let horizon: Int64
  /// libtorrent's priority of each piece: 0 is not asked for.
  package let priorities: [UInt8]

  /// How far ahead of the first byte that is missing pieces may come when the torrent keeps the files in another order
  /// than ours: libtorrent's own order holds inside this many bytes only.
  package static let lookahead: Int64 = 256 << 20
  private static let normal: UInt8 = 4

  /// Takes pieces in the order in which the files need them, as long as they fit as a whole. A piece that two files share
  /// comes with the first of them and counts with all its wanted bytes; a horizon that ends inside a piece keeps it away.
  package init(horizon: Int64, _ layout: TorrentLayout) {
    self.horizon = horizon
    var priorities = [UInt8](repeating: 0, count: layout.pieceCount)
    let map = PieceMap(layout)
    var left = horizon
    walk: for file in layout.files {
      for piece in layout.pieces(of: file) where priorities[piece] == 0 {
        left -= map.wantedBytes(in: piece)
        if left < 0 { break walk }
        priorities[piece] = Self.normal
      }
    }
    self.priorities = priorities
  }

  /// The horizon for what the reader wants now.
  ///
  /// - Parameter map: asked for prefixes, which it remembers.
  package static func horizon(_ demand: FetchDemand, _ map: inout PieceMap) -> Int64 {
    let horizon = max(0, min(demand.horizon, map.wantedBytes))
    guard demand.isInOrder, map.layout.isShuffled, let first = map.firstIncomplete() else { return horizon }
    // In steps, so that the window does not change with every piece.
    let step = lookahead / 4
    let missing = map.layout.files[first].position + map.prefix(of: first)
    return min(horizon, (missing / step + 1) * step + lookahead)
  }
}
