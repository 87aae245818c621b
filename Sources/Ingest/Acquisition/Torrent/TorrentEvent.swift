internal import CTorrent
private import Dispatch
private import Synchronization
internal import Vocabulary

/// What libtorrent tells of one torrent.
enum TorrentEvent: Sendable, Equatable {
  /// What earlier runs left is known now, or known again.
  case checked
  case piece(Int)
  case metadata
  case resume([UInt8])
  case noResume(String)
  case resumeRejected(String)
  /// With the errno, 0 where there is none.
  case diskFailed(String, Int32)
  case broken(String, Int32)
  case hashFailed(Int)
  /// A tracker or a web seed that does not do; others may.
  case trouble(String)
  case blocked(String)
  /// Events were lost: what is here has to be asked for.
  case lost

  init?(_ event: borrowing ctorrent_event, text: String, bytes: [UInt8]) {
    switch event.kind {
    case CTORRENT_CHECKED: self = .checked
    case CTORRENT_PIECE: self = .piece(Int(event.piece))
    case CTORRENT_METADATA: self = .metadata
    case CTORRENT_RESUME: self = .resume(bytes)
    case CTORRENT_NO_RESUME: self = .noResume(text)
    case CTORRENT_RESUME_REJECTED: self = .resumeRejected(text)
    case CTORRENT_DISK_ERROR: self = .diskFailed(text, event.code)
    case CTORRENT_BROKEN: self = .broken(text, event.code)
    case CTORRENT_HASH_FAILED: self = .hashFailed(Int(event.piece))
    case CTORRENT_TRACKER_ERROR, CTORRENT_WEB_SEED_ERROR: self = .trouble(text)
    case CTORRENT_BLOCKED: self = .blocked(text)
    case CTORRENT_LOST: self = .lost
    default: return nil
    }
  }

  /// Pieces come by the hundred a second; whoever waits need not wake for each.
  fileprivate var isUrgent: Bool {
    switch self {
    case .piece, .hashFailed, .trouble, .blocked: false
    default: true
    }
  }
}

/// Events of one torrent, on their way from the session's thread to the torrent's.
final class TorrentInbox: Sendable {
  private let events = Mutex<[TorrentEvent]>([])
  private let wake = DispatchSemaphore(value: 0)

  func add(_ event: TorrentEvent) {
    events.withLock { $0.append(event) }
    if event.isUrgent { wake.signal() }
  }

  /// Ends the wait of whoever waits.
  func poke() { wake.signal() }

  /// Waits for something urgent, `milliseconds` at most, and takes what has come.
  func take(within milliseconds: Int) -> [TorrentEvent] {
    _ = wake.wait(timeout: .now() + .milliseconds(milliseconds))
    return events.withLock {
      let taken = $0
      $0 = []
      return taken
    }
  }
}
