internal import Cataloguing
internal import Control
internal import Foundation
internal import Journal
internal import Vocabulary
internal import WorkUnits

/// The run under way.
struct ActiveRun: Sendable {
  var record: RunRecord
  var stages: LearnStages
}

/// The newest finished run: what new clips are scored with.
struct FinishedRun: Sendable {
  var record: RunRecord
  var stages: LearnStages
  var blend: Blend

  var fingerprints: [StageKey] { stages.plan.featureSets.map(\.fingerprint) }
}

extension Conductor {
  /// Picks up the run that was under way and the newest finished one. A run planned under other settings is given up.
  func recoverRuns() async throws {
    for record in try await catalog.runs() {
      let directory = configuration.state.run(record.key)
      guard let data = FileManager.default.contents(atPath: directory.plan.display),
        let plan = try? CanonicalJSON.decode(RunPlan.self, from: data)
      else {
        try await catalog.forget(run: record.key)
        continue
      }
      let stages = LearnStages(state: configuration.state, key: record.key, plan: plan)
      let isFinished = record.finished != nil
      if isFinished, stages.isTrained, let blend = try stages.outcome()?.blend {
        try await adopt(record, stages, blend)
        return
      }
      if try run == nil && stages.canGoOn && isCurrent(record) {
        var record = record
        record.finished = nil
        try await catalog.save(record)
        run = ActiveRun(record: record, stages: stages)
        // One that is not whole any more: what is missing of it is made before anything older is taken up.
        if isFinished { return }
      } else {
        try await catalog.forget(run: record.key)
      }
    }
  }

  /// Writes the run's data set and tells the planner of it; false while features of its clips are missing.
  func prepareRun(ready: [ReadyClip]) async throws -> Bool {
    guard let active = run, try active.stages.writeDataset(ready: ready) else { return false }
    let tasks = active.stages.tasks
    let missing = tasks.filter { !active.stages.isTrained($0) }
    for task in tasks where !missing.contains(task) { try active.stages.dropCheckpoint(task) }
    world.run = World.Run(missing: missing)
    board.training(done: tasks.count - missing.count, total: tasks.count)
    return true
  }

  /// Goes on with a run that an earlier daemon had planned. One whose clips have lost their features is given up.
  func resumeRun() async throws {
    guard let active = run else { return }
    if try await prepareRun(ready: catalog.ready(active.stages.plan.featureSets.map(\.fingerprint))) { return }
    try await catalog.forget(run: active.record.key)
    run = nil
    try await showRuns()
    stale.labelled = true
  }

  func startTraining(_ task: TrainTask, in group: inout Group) {
    guard let active = run else { return }
    world.run?.missing.removeAll { $0 == task }
    world.run?.inFlight.append(task)
    start(active.stages.trainUnit(task), stage: .train, in: &group) { .trained(task, $0) }
  }

  func trained(_ task: TrainTask, _ outcome: Outcome) async throws {
    world.busy -= 1
    guard var state = world.run else { return }
    state.inFlight.removeAll { $0 == task }
    state.backoff = settled(state.backoff, stage: .train, outcome)
    if case .published = outcome { try run?.stages.dropCheckpoint(task) } else { state.missing.append(task) }
    world.run = state
    if try await lose(damagedIn: outcome) { world.run?.lacksFeatures = true }
    takeUpAnew()
  }

  func startStack(in group: inout Group) {
    guard let active = run else { return }
    world.run?.stackInFlight = true
    start(active.stages.stackUnit(after: newest?.stages), stage: .stack, in: &group) { .stacked($0) }
  }

  func stacked(_ outcome: Outcome) async throws {
    world.busy -= 1
    guard var state = world.run, let active = run else { return }
    var outcome = outcome
    var made: (report: ScoringReport, blend: Blend)?
    if case .published = outcome {
      made = try active.stages.outcome()
      if made == nil { outcome = .failed(WorkError(.input, "run \(active.stages.name): its ensemble cannot be read")) }
    }
    state.stackInFlight = false
    state.backoff = settled(state.backoff, stage: .stack, outcome)
    world.run = state
    _ = try await lose(damagedIn: outcome)
    guard let made else { return }
    var record = active.record
    record.finished = Int64(world.now)
    record.report = made.report
    try await catalog.save(record)
    try await catalog.dropScores(except: record.key)
    run = nil
    world.run = nil
    try await adopt(record, active.stages, made.blend)
    try await showRuns()
    if let report = record.report {
      Journal.record(
        .notice,
        "run \(record.key.digest.short) is finished: mean log loss \(report.logLoss), answering the priors \(report.priorLogLoss)",
        event: .runFinished, fields: [.run: record.key.description])
    }
  }

  /// The newest, for the dashboard, which asks often.
  func showRuns() async throws {
    board.show(RunList(try await catalog.runs(limit: 20), current: newest?.record.key.name))
  }

  private func adopt(_ record: RunRecord, _ stages: LearnStages, _ blend: Blend) async throws {
    let finished = FinishedRun(record: record, stages: stages, blend: blend)
    newest = finished
    try await absorbScores(of: finished)
    world.newest = World.Finished(
      finished: Double(record.finished ?? 0), learning: record.learning, labelledClips: record.labelledClips,
      isCurrent: !finished.hasRegressed, isWarm: stages.plan.warm != nil)
    world.publishing.isStale = true
    catchUp = CatchUp()
    isUnscoredAll = false
    stale = Stale()
    board.adopted(record, folds: stages.tasks.count, remarks: stages.remarks())
    await publishReport(stages)
  }
}
