internal import Acquisition
internal import Foundation
internal import Settings
internal import Vocabulary

/// Makes the fetcher of each configured source. Torrents share one session, as they share the port.
struct Fetchers {
  private let settings: Settings
  /// Nil where no source is a torrent. Its holder closes it when every fetcher has ended.
  let session: TorrentSession?

  init(_ settings: Settings) {
    let hasTorrents = settings.sources.contains { if case .torrent = $0.origin { true } else { false } }
    self.init(settings, session: hasTorrents ? TorrentSession(options: Self.options(settings.torrent)) : nil)
  }

  init(_ settings: Settings, session: TorrentSession?) {
    self.settings = settings
    self.session = session
  }

  func source(_ source: SourceSettings) -> Configuration.Source {
    let (fetcher, seeds) = fetcher(source)
    return Configuration.Source(settings: source, fetcher: fetcher, seeds: seeds)
  }

  private func fetcher(_ source: SourceSettings) -> (any Fetcher, seeds: Bool) {
    switch source.origin {
    case .web(let urls):
      let web = HTTPSource(id: source.id, urls: urls, digest: source.digest)
      return (HTTPFetcher(source: web, options: options), false)
    case .local(let paths): return (LocalFetcher(id: source.id, paths: paths, digest: source.digest), false)
    case .torrent(let torrent, let webSeeds):
      guard let session else { preconditionFailure("a source that is a torrent makes a session") }
      let keepsPayload = source.retention.keepsArchive
      let wanted = TorrentSource(
        id: source.id, torrent: torrent, webSeeds: webSeeds, files: source.files, keepsPayload: keepsPayload)
      return (TorrentFetcher(source: wanted, session: session), keepsPayload)
    }
  }

  private var options: HTTPOptions {
    var options = HTTPOptions()
    options.connections = settings.download.connections
    options.bytesPerSecond = settings.download.rateLimit
    options.proxy = settings.download.proxy
    options.netrc = settings.download.netrc.map { .file($0) } ?? .none
    return options
  }

  private static func options(_ torrent: TorrentSettings) -> TorrentOptions {
    var options = TorrentOptions()
    options.port = torrent.port
    options.interface = torrent.interface
    options.dht = torrent.dht
    options.lsd = torrent.lsd
    options.upnp = torrent.upnp
    options.downloadBytesPerSecond = torrent.downloadLimit
    options.uploadBytesPerSecond = torrent.uploadLimit
    options.seedRatio = torrent.seedRatio
    // Without either limit it seeds for ever, and to the fetcher no limit at all means not to seed.
    options.seedSeconds = torrent.seedTime ?? (torrent.seedRatio == nil ? .infinity : nil)
    options.allowsPrivateAddresses = torrent.allowsPrivateAddresses
    options.peers = torrent.peers
    return options
  }
}
