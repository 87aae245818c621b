internal import CTorrent
internal import Foundation
internal import Subprocesses
internal import Synchronization
private import Vocabulary

/// libtorrent, once for all torrents of the daemon: one port, one limit of rates. It starts with the first torrent. Close it
/// when all fetches have returned.
package final class TorrentSession: Sendable {
  let options: TorrentOptions
  private let post = TorrentPost()
  private let library = Mutex(State())

  private struct State {
    var library: Library?
    var isClosed = false
    var last: Int64 = 0
  }

  /// libtorrent's session may be used from any thread; only its events belong to one.
  struct Library: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  package init(options: TorrentOptions) { self.options = options }

  deinit { close() }

  /// Says goodbye to trackers; blocks for two seconds or so at most. Does nothing the second time.
  package func close() {
    let open = library.withLock { state in
      state.isClosed = true
      defer { state.library = nil }
      return state.library
    }
    guard let open else { return }
    post.end()
    ctorrent_session_free(open.pointer)
  }

  /// The port that peers can reach; 0 while there is none.
  package var port: Int { library.withLock { $0.library.map { Int(ctorrent_session_port($0.pointer)) } ?? 0 } }

  /// Why nobody can connect to us, when that is so.
  var complaint: String? { post.complaint }

  /// A number and an inbox for one more torrent, and the session to add it to. Give it back by `leave`.
  func join() throws -> (library: Library, number: Int64, inbox: TorrentInbox) {
    try library.withLock { state in
      if state.isClosed { throw CancellationError() }
      let open = try state.library ?? start()
      state.library = open
      state.last += 1
      return (open, state.last, post.open(state.last))
    }
  }

  func leave(_ number: Int64) { post.close(number) }

  private func start() throws -> Library {
    var error = [CChar](repeating: 0, count: Int(CTORRENT_TEXT))
    let made = "primatrix/\(Version.text)".withCString { agent in
      withOptionalCString(options.interface) { interface in
        var flat = ctorrent_options()
        flat.user_agent = agent
        flat.port = Int32(clamping: options.port)
        flat.interface = interface
        flat.dht = options.dht
        flat.lsd = options.lsd
        flat.upnp = options.upnp
        flat.allows_private = options.allowsPrivateAddresses
        flat.download_rate = Int32(clamping: options.downloadBytesPerSecond ?? 0)
        flat.upload_rate = Int32(clamping: options.uploadBytesPerSecond ?? 0)
        // Peers that somebody named are worth asking again soon; strangers have a right to rest.
        flat.reconnect_seconds = options.peers.isEmpty ? 20 : 1
        return ctorrent_session_make(&flat, &error)
      }
    }
    guard let made else {
      throw AcquisitionError(isPermanent: false, "libtorrent cannot start: \(text(error))")
    }
    let library = Library(pointer: made)
    post.start(library)
    return library
  }
}

/// The text in a buffer that C filled.
func text(_ buffer: [CChar]) -> String {
  String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

func withOptionalCString<Result>(
  _ string: String?, _ body: (UnsafePointer<CChar>?) throws -> Result
) rethrows -> Result {
  guard let string else { return try body(nil) }
  return try string.withCString { try body($0) }
}
