package import Vocabulary

/// `[[source]]`: where clips come from, in archives or as they are.
package struct SourceSettings: Sendable, Equatable {
  package enum Origin: Sendable, Equatable {
    /// Mirrors of one file.
    case web([String])
    /// Files and folders that are on this machine; they are read where they lie.
    case local([BytePath])
    /// A .torrent file, the address of one, or a magnet link; with web seeds.
    case torrent(String, webSeeds: [String])
  }

  /// Also its folder's name below the state directory.
  package var id: String
  package var role: SourceRole
  package var origin: Origin
  /// SHA-256 of the file, where the publisher gives one.
  package var digest: Digest?
  /// Globs: which files of a torrent are wanted; empty for all.
  package var files: [String]
  package var retention: Retention
  /// Whether archives may be RAR: its reader has had more holes than all others together.
  package var allowsRAR: Bool

  package init(
    id: String, role: SourceRole = .clips, origin: Origin, digest: Digest? = nil, files: [String] = [],
    retention: Retention = .keep, allowsRAR: Bool = false
  ) {
    self.id = id
    self.role = role
    self.origin = origin
    self.digest = digest
    self.files = files
    self.retention = retention
    self.allowsRAR = allowsRAR
  }
}

/// What a source's files are.
package enum SourceRole: String, Sendable, Codable, CaseIterable {
  /// Clips: features are extracted and they are scored.
  case clips
  /// Micro clips of clips that have the same file names. They are looked at for their metadata, and take the place of those
  /// that the decoding pass makes.
  case micro
}

/// What of a source stays on disk once it has done its service.
package enum Retention: String, Sendable, Codable, CaseIterable {
  case keep
  /// The archive goes when its members are unpacked, or while they are, where the disk cannot hold both.
  case deleteArchive = "delete-archive"
  /// Each clip goes too, when its features and its micro clip exist.
  case deleteClips = "delete-clips"

  package var keepsArchive: Bool { self == .keep }
  package var keepsClips: Bool { self != .deleteClips }
}

/// `[download]`: how files are fetched from the web.
package struct DownloadSettings: Sendable, Equatable {
  /// Connections for one source, over all its mirrors.
  package var connections = 4
  /// Bytes a second for one source; nil for as fast as it goes.
  package var rateLimit: Int64?
  /// As curl takes it: `http://host:port`, `socks5h://host:port`. Without it the environment's proxy variables count.
  package var proxy: String?
  /// A netrc(5) file with names and passwords.
  package var netrc: BytePath?

  package init() {}
}

/// `[torrent]`: how this machine takes part in swarms.
package struct TorrentSettings: Sendable, Equatable {
  package var port = 6881
  /// Address or name of the interface to listen on and to connect from; nil for all.
  package var interface: String?
  package var dht = true
  /// Local service discovery, and asking the router for an open port.
  package var lsd = false
  package var upnp = false
  /// Bytes a second over all torrents; nil for as fast as it goes.
  package var downloadLimit: Int64?
  package var uploadLimit: Int64?
  /// A complete torrent is seeded until either is reached; nil for without end. Only sources that keep their archive seed.
  package var seedRatio: Double? = 1
  package var seedTime: Double? = 86400
  /// `host:port` of peers to ask at once, beside those that trackers and the DHT name.
  package var peers: [String] = []
  package var allowsPrivateAddresses = false

  package init() {}
}

/// `[storage]`: what the state directory's file system is left with.
package struct StorageSettings: Sendable, Equatable {
  /// Bytes that stay free: sources pause before. Nil for a twentieth of the file system, at most 20 GiB.
  package var reserve: Int64?
}
