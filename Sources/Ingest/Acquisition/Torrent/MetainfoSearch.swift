internal import CTorrent
internal import Foundation
internal import Vocabulary

/// Finds a source's .torrent: in its directory, on this machine, at its address, or from peers that know its magnet link.
struct MetainfoSearch {
  let source: TorrentSource
  let session: TorrentSession
  let place: TorrentPlace
  let flow: FetchFlow
  let stop: TorrentStop

  func run() throws -> Metainfo {
    for seed in source.webSeeds where !TorrentSource.isAddress(seed) {
      throw AcquisitionError(
        isPermanent: true, "source \(source.id): web seed \(seed) is neither http nor https; correct web_seeds")
    }
    if source.isMagnet || source.isAddress {
      if let kept = kept() { return kept }
      let bytes =
        source.isMagnet
        ? try fromPeers() : try BoundedGet.fetch(source.torrent, limit: Metainfo.maxBytes, stop: stop.flag)
      let metainfo = try Metainfo(bytes, name: shown)
      try place.writeMetainfo(bytes, of: source.torrent)
      return metainfo
    }
    return try Metainfo(try readFile(), name: shown)
  }

  /// What an earlier run brought; what does not read any more is brought again.
  private func kept() -> Metainfo? {
    place.readMetainfo(of: source.torrent).flatMap { try? Metainfo($0, name: shown) }
  }

  private var shown: String {
    source.isMagnet ? "source \(source.id)" : source.isAddress ? Mirror.shown(source.torrent) : source.torrent
  }

  private func readFile() throws -> [UInt8] {
    let path = source.torrent.hasPrefix("/") ? source.torrent : URL(string: source.torrent)?.path ?? source.torrent
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    func failure(_ reason: String) -> AcquisitionError {
      AcquisitionError(
        isPermanent: true, "\(path): cannot be read: \(reason); correct torrent of source \(source.id)")
    }
    if descriptor < 0 { throw failure(String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw failure("is no file") }
    guard status.st_size <= Metainfo.maxBytes else { throw failure("has \(status.st_size) bytes and is no .torrent") }
    return try Array(FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).readToEnd() ?? Data())
  }

  /// Peers send the info dictionary, whose hash the link names; nothing else is fetched.
  private func fromPeers() throws -> [UInt8] {
    let torrent = try LiveTorrent(session, source, nil, payload: place.payload, LiveTorrent.Start())
    stop.pokes(torrent.inbox)
    var trouble: String?
    var round = 0
    while true {
      if round % 10 == 0, torrent.status.peers == 0 { trouble = torrent.connect(session.options.peers) ?? trouble }
      round += 1
      for event in torrent.inbox.take(within: 200) {
        if case .trouble(let text) = event { trouble = text }
        if case .broken(let text, _) = event {
          throw AcquisitionError(isPermanent: false, "source \(source.id): \(text)")
        }
      }
      if stop.isRaised { throw CancellationError() }
      let now = torrent.status
      if now.has_metadata, let info = torrent.metadata { return Array("d4:info".utf8) + info + Array("e".utf8) }
      var status = FetchStatus()
      status.peers = Int(now.peers)
      status.seeds = Int(now.seeds)
      status.note = "looking for peers that know what the magnet link names" + (trouble.map { "; \($0)" } ?? "")
      flow.report(status)
    }
  }
}
