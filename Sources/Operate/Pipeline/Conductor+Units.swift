internal import Executors
internal import Foundation
internal import Journal
internal import Vocabulary
internal import WorkUnits

extension Conductor {
  typealias Group = ThrowingDiscardingTaskGroup<any Error>

  /// Runs a unit as a child of the group and reports its end as an event. A unit whose commit point is published already
  /// (the daemon died before it heard of it) is not run again.
  func start(_ unit: WorkUnit, stage: Stage, in group: inout Group, then event: @escaping @Sendable (Outcome) -> Event)
  {
    world.busy += 1
    group.addTask { [executor, board, inbox] in
      let outcome = await Self.perform(unit, stage: stage, executor: executor, board: board)
      inbox.yield(event(outcome))
    }
  }

  private static func perform(
    _ unit: WorkUnit, stage: Stage, executor: any Executor, board: StatusBoard
  ) async -> Outcome {
    if let commit = unit.publications.last, FileManager.default.fileExists(atPath: commit.destination.display) {
      return .published(made: false)
    }
    let start = ContinuousClock.now
    board.began(unit.name, of: stage)
    defer { board.ended(unit.name, of: stage) }
    do {
      try await executor.run(unit) { board.progressed(unit.name, of: stage, $0) }
      Journal.record(
        .info, "\(unit.name) is done",
        fields: [.stage: stage.rawValue, .unit: unit.name, .duration: seconds(since: start)])
      return .published(made: true)
    } catch is CancellationError {
      return .stopped
    } catch {
      let failure = error as? WorkError ?? WorkError(.environment, "\(unit.name): \(error)")
      Journal.record(
        .warning, "\(unit.name) failed, it will be tried again: \(failure)", event: event(of: failure),
        fields: [.stage: stage.rawValue, .unit: unit.name, .duration: seconds(since: start)])
      return .failed(failure)
    }
  }

  private static func event(of failure: WorkError) -> JournalEvent {
    switch failure.kind {
    case .input, .environment: .unitFailed
    case .killed: .workerKilled
    case .failure: .workerCrashed
    }
  }

  /// `12.345`: integers only, because the C library would write the locale's point.
  private static func seconds(since start: ContinuousClock.Instant) -> String {
    let elapsed = (ContinuousClock.now - start).components
    let thousandths = String(elapsed.attoseconds / 1_000_000_000_000_000 + 1000).dropFirst()
    return "\(elapsed.seconds).\(thousandths)"
  }

  /// Keeps a stage's back-off and the problem that `status` shows in step with how its last unit ended.
  func settled(_ before: Backoff, stage: Stage, _ outcome: Outcome) -> Backoff {
    var backoff = before
    switch outcome {
    case .published(let made):
      backoff.succeeded()
      board.finished(stage, made: made)
      board.solved(stage.rawValue)
    case .failed(let error):
      backoff.failed(error.kind, now: world.now)
      board.failed(stage)
      let next = backoff.until.map { "tried again \(board.inSeconds($0 - world.now))" }
      board.problem(stage.rawValue, error.message, next: next)
      if backoff.isStuck {
        Journal.record(
          .error, "\(stage.rawValue) has failed \(backoff.failures) times in a row, \(next ?? "")",
          event: .stageBackingOff, fields: [.stage: stage.rawValue])
      }
    case .stopped: break
    }
    return backoff
  }
}
