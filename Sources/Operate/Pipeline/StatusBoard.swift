internal import Cataloguing
internal import Control
internal import Foundation
internal import Submitting
private import Synchronization
internal import Vocabulary
internal import WorkUnits

/// What `status` shows: every part of the daemon writes here what it is at, from any thread.
final class StatusBoard: Sendable {
  private let state: Mutex<BoardState>

  init(state directory: StateDirectory) {
    state = Mutex(BoardState(stateDirectory: directory.root, started: Date()))
  }

  func status() -> StatusReport { state.withLock { $0.report() } }
  var headline: String { state.withLock { $0.headline } }
  func dashboard(at address: String) { state.withLock { $0.dashboard = address } }
  func newestRuns() -> RunList { state.withLock(\.newestRuns) }
  func newestSubmission() -> BytePath? { state.withLock { $0.submission?.path } }

  // MARK: the conductor

  func show(_ counts: CatalogCounts) {
    state.withLock {
      $0.counts = counts
      $0.stages[.extract]?.total = counts.total
      $0.stages[.extract]?.done = counts.total - counts.pending - counts.resting - counts.faulty
      $0.stages[.extract]?.failed = (counts.byState["unreadable"] ?? 0) + counts.faulty
    }
  }

  func show(_ runs: RunList) { state.withLock { $0.newestRuns = runs } }
  func show(_ world: World) { state.withLock { $0.show(world) } }
  func labelled(_ clips: Int) { state.withLock { $0.labelled = clips } }

  func training(done: Int, total: Int) {
    state.withLock {
      $0.stages[.train]?.done = done
      $0.stages[.train]?.total = total
      $0.stages[.stack]?.done = 0
      $0.stages[.stack]?.total = 1
    }
  }

  func scores(done: Int, missing: Int) {
    state.withLock {
      $0.scored = done
      $0.stages[.score]?.done = done
      $0.stages[.score]?.total = done + missing
    }
  }

  func adopted(_ record: RunRecord, folds: Int, remarks: [String]) {
    state.withLock {
      $0.ensemble = record
      $0.remarks = remarks
      for stage in [Stage.train, .stack] {
        $0.stages[stage]?.done = stage == .train ? folds : 1
        $0.stages[stage]?.total = stage == .train ? folds : 1
      }
    }
  }

  func published(_ submission: PublishedSubmission) {
    state.withLock {
      $0.submission = submission
      $0.stages[.submit]?.done = 1
      $0.stages[.submit]?.total = 1
    }
  }

  // MARK: units

  func began(_ unit: String, of stage: Stage) {
    state.withLock { board in
      let now = board.clock
      board.stages[stage]?.began(unit, now: now)
    }
  }
  func ended(_ unit: String, of stage: Stage) {
    state.withLock { board in
      let now = board.clock
      board.stages[stage]?.ended(unit, now: now)
    }
  }

  func progressed(_ unit: String, of stage: Stage, _ progress: WorkProgress) {
    state.withLock { board in
      let now = board.clock
      board.stages[stage]?.progressed(unit, progress, now: now)
    }
  }

  func finished(_ stage: Stage, made: Bool) {
    state.withLock {
      if made { $0.stages[stage]?.made += 1 }
      if stage == .train || stage == .stack { $0.stages[stage]?.done += 1 }
    }
  }

  func failed(_ stage: Stage) { state.withLock { $0.stages[stage]?.failed += stage == .extract ? 0 : 1 } }

  // MARK: sources

  func source(_ id: String, _ change: @Sendable (inout SourceBoard) -> Void) {
    state.withLock { change(&$0.sources[id, default: SourceBoard()]) }
  }

  func show(_ id: String, _ progress: SourceProgress) { source(id) { $0.take(progress) } }

  // MARK: problems

  /// Shows a problem until `solved` is told of the same subject.
  func problem(_ subject: String, _ message: String, next: String?) {
    state.withLock { $0.problem(subject, message, next) }
  }

  func solved(_ subject: String) { state.withLock { $0.problems[subject] = nil } }

  /// `in 15 seconds`, `in 2 minutes`.
  func inSeconds(_ seconds: Double) -> String { "in \(Words.time(seconds))" }
}
