private import Synchronization

/// The wish to end, and the inbox whose owner has to hear of it at once.
final class TorrentStop: Sendable {
  let flag = StopFlag()
  private let inbox = Mutex<TorrentInbox?>(nil)

  var isRaised: Bool { flag.isRaised }

  func raise() {
    flag.raise()
    inbox.withLock { $0?.poke() }
  }

  func pokes(_ inbox: TorrentInbox) {
    self.inbox.withLock { $0 = inbox }
    if isRaised { inbox.poke() }
  }
}
