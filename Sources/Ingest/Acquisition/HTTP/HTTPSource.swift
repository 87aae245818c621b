package import Vocabulary

/// One file at one or more addresses, `http:` or `https:`.
package struct HTTPSource: Sendable {
  package var id: String
  /// Mirrors of the same file. The file is named after the first.
  package var urls: [String]
  package var digest: Digest?

  package init(id: String, urls: [String], digest: Digest?) {
    self.id = id
    self.urls = urls
    self.digest = digest
  }
}

/// How a file is fetched. Proxies of the environment (`https_proxy`, `no_proxy` ...) are used as curl uses them.
package struct HTTPOptions: Sendable {
  /// Where passwords come from besides the address itself.
  package enum Netrc: Sendable, Equatable {
    case none
    /// `~/.netrc` of the daemon's user.
    case standard
    case file(BytePath)
  }

  /// Over all mirrors together.
  package var connections = 4
  /// Over all connections together; nil for no limit.
  package var bytesPerSecond: Int64?
  /// As `curl --proxy` takes it; nil for what the environment says, empty for none.
  package var proxy: String?
  package var netrc = Netrc.none
  /// Seconds without a sign of life until a connection is given up.
  package var stall = 60
  /// Seconds until a connection must be there.
  package var connect = 30
  /// Seconds before the second attempt at a mirror that failed; doubled with each failure, up to `backoffLimit`, and
  /// spread evenly between nothing and that.
  package var backoff = 1.0
  package var backoffLimit = 300.0
  /// Bytes of one range: as many as its connection brings in two seconds, within these limits.
  package var rangeBytes: ClosedRange<Int64> = (1 << 20)...(16 << 20)
  /// What has arrived is made durable and written down after so many bytes or seconds, whichever comes first.
  package var checkpointBytes: Int64 = 64 << 20
  package var checkpointSeconds = 2.0

  package init() {}
}
