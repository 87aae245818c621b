internal import Cataloguing
internal import Control
internal import Labelling
internal import Vocabulary
internal import WorkUnits

/// The stages that `status` shows, in the order of the flow.
enum Stage: String, CaseIterable, Sendable {
  case download, unpack, extract, train, stack, score, submit
}

/// What happened, as the conductor hears of it.
enum Event: Sendable {
  /// Files landed in the catalog or vanished from it.
  case clipsChanged
  /// Seen and not yet settled or hashed, in one watched folder.
  case unsettled(folder: BytePath, Int)
  case scanned(folder: BytePath)
  /// A label file beside clips was read anew, or is one no more (nil).
  case sidecar(SidecarPlace, LabelFile?)
  /// A source works on something (true) or waits, for a later attempt or for good (false).
  case source(String, isActive: Bool)
  case extracted([ClipFile], ledger: String, took: Duration, Outcome)
  case trained(TrainTask, Outcome)
  case stacked(Outcome)
  case scored([ClipID], LearnStages.Scores, Outcome)
  /// Time has passed: labels may have changed, something that failed may try again.
  case tick
  /// Somebody asked for it. Pausing has been written down already.
  case asked(ControlRequest)
  /// Somebody wants clips to be tried again; all that failed (nil).
  case retry([ClipID]?)
  /// The configuration was read again.
  case reloaded(Reconfiguration)
}

/// How a unit ended. `stopped` is the daemon's own doing, and no failure.
enum Outcome: Sendable {
  case published(made: Bool)
  case failed(WorkError)
  case stopped
}
