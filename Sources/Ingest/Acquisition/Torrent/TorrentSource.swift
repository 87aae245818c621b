/// A source that peers bring: one torrent, all of it or some of its files.
package struct TorrentSource: Sendable {
  package var id: String
  /// A magnet link, the http or https address of a .torrent file, or the absolute path of one.
  package var torrent: String
  /// http and https addresses that have the same files (BEP 19), beside those that the torrent names.
  package var webSeeds: [String]
  /// Shell patterns of fnmatch(3); none means all files. `*` crosses `/`. A file is wanted when one of them matches its path
  /// as the torrent has it, with or without the torrent's own folder in front.
  package var files: [String]
  /// False when whoever reads the files may take bytes away that were read. Pieces that libtorrent believes to be here may
  /// then be holes: nothing is ever uploaded, and no pass looks at them again.
  package var keepsPayload: Bool

  package init(
    id: String, torrent: String, webSeeds: [String] = [], files: [String] = [], keepsPayload: Bool = true
  ) {
    self.id = id
    self.torrent = torrent
    self.webSeeds = webSeeds
    self.files = files
    self.keepsPayload = keepsPayload
  }

  var isMagnet: Bool { torrent.lowercased().hasPrefix("magnet:") }
  var isAddress: Bool { Self.isAddress(torrent) }

  static func isAddress(_ text: String) -> Bool {
    let text = text.lowercased()
    return text.hasPrefix("http://") || text.hasPrefix("https://")
  }
}

/// What holds for all torrents of the daemon: they share one port.
package struct TorrentOptions: Sendable {
  /// To listen on; 0 takes any that is free.
  package var port = 0
  /// An address or a device's name to listen on and connect from; nil means all.
  package var interface: String?
  /// Finds peers without a tracker (BEP 5). Its packets go wherever its nodes are, private addresses included.
  package var dht = true
  /// Finds peers on this network (BEP 14); off where private addresses are not allowed.
  package var lsd = false
  /// Asks the router to forward the port (UPnP, NAT-PMP).
  package var upnp = false
  package var downloadBytesPerSecond: Int64?
  package var uploadBytesPerSecond: Int64?
  /// After completion a torrent is seeded until this many times its wanted bytes were uploaded ...
  package var seedRatio: Double?
  /// ... or this many seconds have passed, whichever is first. Both nil: not at all.
  package var seedSeconds: Double?
  /// False: no peer, tracker or web seed at an address of a private network is ever contacted.
  package var allowsPrivateAddresses = false
  /// `host:port` of peers to connect to at once, for networks without a tracker.
  package var peers: [String] = []

  package init() {}
}
