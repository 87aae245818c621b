internal import CLinux
internal import Foundation
private import Synchronization
package import Vocabulary
package import WorkUnits

/// The daemon's side of a unit that is published batch by batch while it runs: it hears of each batch, and says what the
/// worker may do next.
package final class WorkDialogue: Sendable {
  /// Called on the unit's thread with the number of a batch that is complete and the unit's output directory. The batch
  /// stays there until it is moved away or the unit ends.
  let heard: @Sendable (_ batch: Int, _ output: BytePath) -> Void
  /// Readable while there is something new to tell.
  let bell: Int32
  private let newest = Mutex<WorkInstruction?>(nil)

  /// - Parameter first: told as soon as the worker listens.
  package init(first: WorkInstruction, heard: @escaping @Sendable (_ batch: Int, _ output: BytePath) -> Void) {
    self.heard = heard
    bell = clinux_bell()
    instruct(first)
  }

  deinit { if bell >= 0 { close(bell) } }

  /// Tells the worker what holds now, in place of whatever it has not been told yet.
  package func instruct(_ instruction: WorkInstruction) {
    newest.withLock { $0 = instruction }
    clinux_ring(bell)
  }

  /// What has not been told yet, and silence.
  func take() -> WorkInstruction? {
    clinux_silence(bell)
    return newest.withLock { value in
      defer { value = nil }
      return value
    }
  }
}
