internal import Subprocesses
package import Vocabulary

/// Brings a torrent's files from peers and web seeds.
///
/// Below the directory: `payload/` with the files under the torrent's names, `torrent.resume` (which pieces are here),
/// `metainfo-*.torrent` (what an address or a magnet link led to) and `torrent.repairs`.
package struct TorrentFetcher: Fetcher {
  private let source: TorrentSource
  private let session: TorrentSession

  package init(source: TorrentSource, session: TorrentSession) {
    self.source = source
    self.session = session
  }

  package func fetch(into directory: BytePath, flow: FetchFlow) async throws -> [FetchedFile] {
    let stop = TorrentStop()
    return try await withTaskCancellationHandler {
      try await BlockingThread.run(named: "torrent") { [source, session] in
        let place = TorrentPlace(directory: directory)
        try place.make()
        let metainfo = try MetainfoSearch(source: source, session: session, place: place, flow: flow, stop: stop).run()
        let run = try TorrentRun(source, session, place, metainfo, flow, stop)
        return try run.run()
      }
    } onCancel: {
      stop.raise()
    }
  }
}
