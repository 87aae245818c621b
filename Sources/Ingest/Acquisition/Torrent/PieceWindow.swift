/// Which pieces may be asked for: a value that is computed from the reader's demand, and compared to know what changed.
package struct PieceWindow: Equatable {
  /// Of the wanted files laid end to end, the bytes before this; pieces that end behind it wait.
  package var horizon: Int64
  /// The one piece beyond that must come all the same, or nothing would go on: the reader waits for bytes before its horizon.
  package var exception: Int?

  /// How far ahead of the first byte that is missing pieces may come when the torrent keeps the files in another order
  /// than ours: libtorrent's own order holds inside this many bytes only.
  package static let lookahead: Int64 = 256 << 20

  /// - Parameter map: asked for prefixes, which it remembers.
  package init(_ demand: FetchDemand, _ map: inout PieceMap) {
    let layout = map.layout
    horizon = max(0, min(demand.horizon, map.wantedBytes))
    guard let first = map.firstIncomplete() else { return }
    let file = layout.files[first]
    let missing = file.position + map.prefix(of: first)
    if demand.isInOrder && layout.isShuffled {
      // In steps, so that the window does not change with every piece.
      let step = Self.lookahead / 4
      horizon = min(horizon, (missing / step + 1) * step + Self.lookahead)
    }
    let piece = Int((file.offset + map.prefix(of: first)) / layout.pieceLength)
    let end = min(layout.range(ofPiece: piece).upperBound, file.offset + file.size) - file.offset + file.position
    if missing < horizon && end > horizon { exception = piece }
  }

  /// libtorrent's priority of each piece: 0 is not asked for.
  package func priorities(_ layout: TorrentLayout) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: layout.pieceCount)
    for file in layout.files {
      let allowed = min(file.size, horizon - file.position)
      if allowed <= 0 { continue }
      let pieces = layout.pieces(of: file)
      let whole = Int((file.offset + allowed) / layout.pieceLength)
      for piece in pieces.lowerBound..<(allowed == file.size ? pieces.upperBound : max(pieces.lowerBound, whole)) {
        result[piece] = Self.normal
      }
    }
    if let exception { result[exception] = Self.normal }
    return result
  }

  private static let normal: UInt8 = 4
}
