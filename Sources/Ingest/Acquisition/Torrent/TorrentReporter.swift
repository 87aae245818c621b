internal import CTorrent
internal import Foundation
internal import Vocabulary

/// What a torrent's status needs beside its numbers.
struct TorrentReporter {
  /// What went wrong last, at a tracker, a web seed or on disk: told while nothing comes.
  var trouble: String?
  var corruptPieces = 0
  fileprivate var last = 0.0
  fileprivate var lastAvailability = 0.0
  fileprivate var isUnavailable = false
  fileprivate var lastConnect = 0.0

  /// The wanted files with nothing here yet.
  static func files(
    _ layout: TorrentLayout, _ metainfo: Metainfo, payload: BytePath, repairs: Int
  ) -> [FileProgress] {
    let infoHash = metainfo.infoHash
    return layout.files.map { file in
      var hasher = Hasher256()
      for part in [Array("torrent".utf8), infoHash, Array("\(file.size) \(repairs)".utf8), file.name.bytes] {
        part.withUnsafeBytes { hasher.update($0) }
        [0].withUnsafeBytes { hasher.update($0) }
      }
      return FileProgress(
        name: file.name, path: payload.appending(file.name), total: file.size, prefix: 0, isVerified: true,
        identity: hasher.finish())
    }
  }
}

extension TorrentRun {
  /// Tells how far it is, when that is due: soon after a piece has come, and about every second.
  func report(isDue: Bool = false) {
    let now = Self.now
    guard isDue || now - reporter.last >= (untold.isEmpty ? 0.9 : 0.2) else { return }
    reporter.last = now
    for file in untold {
      let prefix = map.prefix(of: file)
      if prefix == layout.files[file].size, files[file].prefix < prefix { resume.isWanted = true }
      files[file].prefix = prefix
    }
    untold = []
    var status = FetchStatus()
    status.files = files
    status.bytes = map.bytes
    status.total = map.wantedBytes
    let numbers = torrent.status
    // libtorrent's rates fade out over seconds.
    let isAlone = numbers.peers == 0
    status.bytesPerSecond = numbers.download_rate > 0 && !isAlone ? Double(numbers.download_rate) : nil
    status.uploadBytesPerSecond = numbers.upload_rate > 0 && !isAlone ? Double(numbers.upload_rate) : nil
    status.peers = Int(numbers.peers)
    status.seeds = Int(numbers.seeds)
    if case .whole(let whole) = phase { status.completed = whole }
    connectAgain(isAlone: isAlone, now)
    status.note = note(
      progress: Double(numbers.progress), peers: Int(numbers.peers), isMoving: status.bytesPerSecond != nil)
    flow.report(status)
  }

  private func note(progress: Double, peers: Int, isMoving: Bool) -> String? {
    func percent(_ part: Double) -> String { "\(Int(part * 100)) %" }
    switch phase {
    case .checking: return "checking what is on disk, \(percent(progress))"
    case .proving(let pass): return "checking every hash once more, \(percent(pass.progress))"
    case .settling: return "waiting for the disk"
    case .whole: return session.complaint
    case .fetching:
      if isMoving { return nil }
      if demand.isPaused { return "paused" }
      if let piece = map.firstMissingPiece(), window.priorities[piece] == 0 {
        return "waiting for the reader: its horizon ends before the next piece, which has \(layout.pieceLength) bytes"
      }
      var words: [String] = []
      if peers == 0 { words.append("looking for peers") }
      if peers > 0, isUnavailable { words.append("no peer has the pieces that are missing") }
      if reporter.corruptPieces > 0 { words.append("\(reporter.corruptPieces) pieces came with a wrong hash") }
      words += [reporter.trouble, session.complaint].compactMap { $0 }
      return words.isEmpty ? nil : words.joined(separator: "; ")
    }
  }

  /// Asked seldom: it looks at every piece.
  private var isUnavailable: Bool {
    let now = Self.now
    if now - reporter.lastAvailability >= 5 {
      reporter.lastAvailability = now
      let numbers = torrent.availability(layout.pieceCount)
      reporter.isUnavailable =
        numbers.map { numbers in
          layout.files.allSatisfy { file in layout.pieces(of: file).allSatisfy { map.has($0) || numbers[$0] == 0 } }
        } ?? false
    }
    return reporter.isUnavailable
  }

  /// Peers that the configuration names are asked again; libtorrent forgets whom it could not reach.
  private func connectAgain(isAlone: Bool, _ now: Double) {
    guard isAlone, !session.options.peers.isEmpty, now - reporter.lastConnect >= 2 else { return }
    reporter.lastConnect = now
    if let fault = torrent.connect(session.options.peers) { reporter.trouble = fault }
  }
}
