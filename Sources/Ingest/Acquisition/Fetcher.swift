package import Vocabulary

/// One way of bringing a source's files to this machine: over HTTP, by torrent, or from a disk that is here already.
///
/// Every fetcher passes `FetcherConformance`: it goes on after a kill at any point, waits out a source that vanishes, never
/// hands out a byte that may still change, and ends soon when it is cancelled.
package protocol Fetcher: Sendable {
  /// Fetches what is missing below `directory`, which belongs to this source alone, and tells `flow` how far it is: at
  /// every step, and at least once a second. When every wanted file is whole, checked and durable, the status says so in
  /// `completed`; a torrent goes on to seed. Returns when nothing is left to do.
  ///
  /// - Throws: `AcquisitionError`, `DurabilityError`; `CancellationError` soon after the task is cancelled. What has
  ///   arrived by then is kept.
  func fetch(into directory: BytePath, flow: FetchFlow) async throws -> [FetchedFile]
}

/// A file that is here: whole, checked and durable.
package struct FetchedFile: Sendable, Equatable, Codable {
  /// As the source names it, relative; an HTTP source has one file, named after its address.
  package var name: BytePath
  /// Where it lies, absolute.
  package var path: BytePath
  package var bytes: Int64
  /// The same as `FileProgress.identity` of this file while it grew.
  package var identity: Digest
  /// False for a file that was here before: it is read where it lies and never changed or removed.
  package var isOurs: Bool

  package init(name: BytePath, path: BytePath, bytes: Int64, identity: Digest, isOurs: Bool) {
    self.name = name
    self.path = path
    self.bytes = bytes
    self.identity = identity
    self.isOurs = isOurs
  }
}

/// How far one file of a source is.
package struct FileProgress: Sendable, Equatable {
  package var name: BytePath
  /// Where its bytes lie now. A file that was opened there stays good when it gets its final name.
  package var path: BytePath
  /// Nil when nobody says.
  package var total: Int64?
  /// The first `prefix` bytes are on disk and are as the source has them, as far as `isVerified` says. It shrinks only
  /// together with a new identity.
  package var prefix: Int64
  /// True when the prefix was checked against hashes of the publisher's (a torrent's pieces); false when that is only
  /// possible at the end, or not at all.
  package var isVerified: Bool
  /// Names this version of this file: the SHA-256 that the configuration gives, a torrent's info hash with the file's
  /// name, a server's strong validator. Another identity is another file, and what was made of the old one is void.
  package var identity: Digest

  package init(
    name: BytePath, path: BytePath, total: Int64?, prefix: Int64, isVerified: Bool, identity: Digest
  ) {
    self.name = name
    self.path = path
    self.total = total
    self.prefix = prefix
    self.isVerified = isVerified
    self.identity = identity
  }
}

/// How far a source is, all of it at one moment.
package struct FetchStatus: Sendable, Equatable {
  /// The wanted files in the order in which they are best read; empty until it is known.
  package var files: [FileProgress] = []
  /// Bytes of the wanted files that are here, not counting what may have to be fetched again.
  package var bytes: Int64 = 0
  package var total: Int64?
  /// Over the last seconds; nil while nothing is being transferred.
  package var bytesPerSecond: Double?
  package var uploadBytesPerSecond: Double?
  /// Of a torrent: connected peers, and those of them that have everything (web seeds included).
  package var peers: Int?
  package var seeds: Int?
  /// Of an HTTP source: the mirrors in use.
  package var mirrors: Int?
  /// What it waits for, in words for people, when it is not transferring: `no peers yet`, `mirror.example.org answers with
  /// HTTP 503, tried again in 30 seconds`.
  package var note: String?
  /// Set once everything is whole, checked and durable.
  package var completed: [FetchedFile]?

  package init() {}
}

/// How much a source may bring now.
package struct FetchDemand: Sendable, Equatable {
  /// True while nothing may be written: the disk is as full as it may be.
  package var isPaused = false
  /// With the wanted files laid end to end in their order: nothing is fetched beyond this many bytes.
  package var horizon = Int64.max
  /// Somebody reads the files while they grow, so bytes are worth most in their order.
  package var isInOrder = false

  package init() {}
}
