internal import Durability
internal import Foundation
private import Synchronization
internal import Vocabulary

/// Whether people have told the daemon to pause. A file keeps it, so that neither a crash nor a reboot goes on by itself.
final class PauseSwitch: Sendable {
  private let file: BytePath
  private let state: Mutex<Bool>

  init(_ state: StateDirectory) {
    file = state.root.appending("paused")
    self.state = Mutex(FileManager.default.fileExists(atPath: file.display))
  }

  var isOn: Bool { state.withLock { $0 } }

  func set(_ isOn: Bool) throws {
    try state.withLock { state in
      if isOn { try Durability.publish([], at: file) } else { try Durability.removeTree(file) }
      state = isOn
    }
  }
}
