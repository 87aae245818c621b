internal import CTorrent
private import Dispatch
private import Subprocesses
private import Synchronization

/// Takes what a session tells, on a thread of its own, to the torrents that it is about.
final class TorrentPost: Sendable {
  private let state = Mutex(State())
  private let ended = DispatchSemaphore(value: 0)

  private struct State {
    var inboxes: [Int64: TorrentInbox] = [:]
    var complaint: String?
    var isEnded = false
  }

  var complaint: String? { state.withLock { $0.complaint } }

  func open(_ number: Int64) -> TorrentInbox {
    let inbox = TorrentInbox()
    state.withLock { $0.inboxes[number] = inbox }
    return inbox
  }

  func close(_ number: Int64) { state.withLock { $0.inboxes[number] = nil } }

  /// Once, before `end`.
  func start(_ library: TorrentSession.Library) {
    BlockingThread.start(named: "torrent events") { [self] in
      while !state.withLock({ $0.isEnded }) { pump(library) }
      ended.signal()
    }
  }

  /// Waits until nothing is taken from the session any more.
  func end() {
    state.withLock { $0.isEnded = true }
    ended.wait()
  }

  private func pump(_ library: TorrentSession.Library) {
    ctorrent_session_wait(library.pointer, 100)
    var event = ctorrent_event()
    while ctorrent_session_next(library.pointer, &event) {
      dispatch(event)
      ctorrent_event_free(&event)
    }
  }

  private func dispatch(_ event: ctorrent_event) {
    let words = withUnsafeBytes(of: event.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    if event.kind == CTORRENT_LISTEN_FAILED {
      state.withLock { $0.complaint = words }
      return
    }
    let bytes = event.bytes.map { Array(UnsafeRawBufferPointer(start: $0, count: event.length)) } ?? []
    guard let told = TorrentEvent(event, text: words, bytes: bytes) else { return }
    let inboxes = state.withLock { state in
      event.torrent == 0 ? Array(state.inboxes.values) : [state.inboxes[event.torrent]].compactMap { $0 }
    }
    for inbox in inboxes { inbox.add(told) }
  }
}
