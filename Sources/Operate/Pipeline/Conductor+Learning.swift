internal import Cataloguing
internal import Durability
internal import Folding
internal import Foundation
internal import Journal
internal import Metadata
internal import Vocabulary
internal import WorkUnits

/// The run under way.
struct ActiveRun: Sendable {
  var record: RunRecord
  var stages: LearnStages
  /// Folds in flight.
  var training: Set<TrainTask> = []
}

/// The newest finished run: what new clips are scored with.
struct FinishedRun: Sendable {
  var record: RunRecord
  var stages: LearnStages
  var blend: Blend

  var fingerprints: [StageKey] { stages.plan.featureSets.map(\.fingerprint) }
}

extension Conductor {
  private var featureSets: [Dataset.FeatureSet] {
    configuration.backbones.map {
      Dataset.FeatureSet(
        backbone: $0.backbone.name, fingerprint: $0.fingerprint, frames: $0.backbone.sampling.frames,
        width: $0.backbone.width)
    }
  }

  private func settingsKey(_ classes: ClassList) throws -> StageKey {
    try RunPlan.settingsKey(
      classes: classes, featureSets: featureSets, members: MemberTable.members(featureSets),
      settings: configuration.training)
  }

  /// Whether a run was planned under the settings that hold now; as far as one can tell while no labels are read.
  private func isCurrent(_ record: RunRecord) throws -> Bool {
    guard let classes = labels.classes else { return true }
    return record.settings == (try settingsKey(classes))
  }

  /// The labelled clips whose features are all there, in order of clip.
  private func labelledReady() async throws -> (rows: [(clip: ClipID, labels: Labels)], ready: [ReadyClip]) {
    let ready = try await catalog.ready(extract.features)
    let known = labels.match(try await catalog.landings())
    return (ready.compactMap { clip in known[clip.clip].map { (clip.clip, $0) } }, ready)
  }

  func refreshLabelled() async throws {
    let (rows, _) = try await labelledReady()
    world.labelled =
      rows.isEmpty ? nil : World.Labelled(clips: rows.count, learning: try RunPlan.learning(rows))
    board.labelled(rows.count)
    if let record = newest?.record { world.newest?.isCurrent = try isCurrent(record) }
  }

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
      if record.finished != nil {
        try await adopt(record, stages)
        return
      }
      if try run == nil && isCurrent(record) {
        run = ActiveRun(record: record, stages: stages)
      } else {
        try await catalog.forget(run: record.key)
      }
    }
  }

  /// Folds, metadata statistics and rows are drawn once and written down; from here on the run is what they say.
  func planRun() async throws {
    let (rows, ready) = try await labelledReady()
    world.labelled = nil  // Looked up again when something changes: a plan that fails is not retried in a loop.
    guard let classes = labels.classes, !rows.isEmpty else { return }
    let folds = FoldAssignment.assign(
      labels: rows.map { ($0.clip, $0.labels) }, folds: configuration.training.folds, seed: configuration.training.seed)
    let scaler = MetadataScaler.fit(ready.map(\.metadata))
    let byClip = Dictionary(uniqueKeysWithValues: ready.map { ($0.clip, $0) })
    let plan = RunPlan(
      classes: classes, featureSets: featureSets, members: MemberTable.members(featureSets),
      settings: configuration.training, scaler: scaler, kernels: configuration.kernels,
      rows: rows.compactMap { row in
        guard let fold = folds[row.clip], let clip = byClip[row.clip] else { return nil }
        return RunPlan.Row(
          clip: row.clip, labels: row.labels, fold: fold, metadata: scaler.vector(for: clip.metadata))
      })
    let key = try plan.key()
    let record = RunRecord(
      key: key, planned: Int64(world.now), labelledClips: rows.count, learning: try RunPlan.learning(rows),
      settings: try settingsKey(classes))
    let stages = LearnStages(state: configuration.state, key: key, plan: plan)
    let directory = configuration.state.run(key)
    try Durability.makeDirectory(directory.scores)
    try Durability.publish(Array(try CanonicalJSON.encode(plan)), at: directory.plan)
    try await catalog.plan(record, folds: plan.rows.map { ($0.clip, $0.fold) })
    run = ActiveRun(record: record, stages: stages)
    _ = try await prepareRun(ready: ready)
    Journal.record(
      .info,
      "run \(key.digest.short) is planned: \(rows.count) labelled clips, \(plan.members.count) models, "
        + "\(plan.settings.folds) folds", fields: [.run: key.description])
  }

  /// Writes the run's data set and tells the planner of it; false while features of its clips are missing.
  func prepareRun(ready: [ReadyClip]) async throws -> Bool {
    guard let active = run, try active.stages.writeDataset(ready: ready) else { return false }
    let tasks = active.stages.tasks
    let missing = tasks.filter { !active.stages.isTrained($0) }
    world.run = World.Run(folds: tasks.count, missing: missing, inFlight: 0)
    board.training(done: tasks.count - missing.count, total: tasks.count)
    return true
  }

  /// Goes on with a run that an earlier daemon had planned. One whose clips have lost their features is given up.
  func resumeRun() async throws {
    guard let active = run else { return }
    if try await prepareRun(ready: catalog.ready(active.stages.plan.featureSets.map(\.fingerprint))) { return }
    try await catalog.forget(run: active.record.key)
    run = nil
    stale.labelled = true
  }

  func startTraining(_ task: TrainTask, in group: inout Group) {
    guard let active = run else { return }
    run?.training.insert(task)
    world.run?.missing.removeAll { $0 == task }
    world.run?.inFlight += 1
    start(active.stages.trainUnit(task), stage: .train, in: &group) { .trained(task, $0) }
  }

  func trained(_ task: TrainTask, _ outcome: Outcome) {
    world.busy -= 1
    run?.training.remove(task)
    world.run?.inFlight -= 1
    guard var state = world.run else { return }
    state.backoff = settled(state.backoff, stage: .train, outcome)
    if case .published = outcome {} else { state.missing.append(task) }
    world.run = state
  }

  func startStack(in group: inout Group) {
    guard let active = run else { return }
    world.run?.stackInFlight = true
    start(active.stages.stackUnit(), stage: .stack, in: &group) { .stacked($0) }
  }

  func stacked(_ outcome: Outcome) async throws {
    world.busy -= 1
    guard var state = world.run, let active = run else { return }
    state.stackInFlight = false
    state.backoff = settled(state.backoff, stage: .stack, outcome)
    world.run = state
    guard case .published = outcome else { return }
    var record = active.record
    record.finished = Int64(world.now)
    record.report = try active.stages.report()
    try await catalog.save(record)
    try await catalog.dropScores(except: record.key)
    run = nil
    world.run = nil
    try await adopt(record, active.stages)
    if let report = record.report {
      Journal.record(
        .notice,
        "run \(record.key.digest.short) is finished: mean log loss \(report.logLoss), answering the priors \(report.priorLogLoss)",
        fields: [.run: record.key.description])
    }
  }

  private func adopt(_ record: RunRecord, _ stages: LearnStages) async throws {
    newest = FinishedRun(record: record, stages: stages, blend: try stages.blend())
    world.newest = World.Finished(
      finished: Double(record.finished ?? 0), learning: record.learning, labelledClips: record.labelledClips,
      isCurrent: true)
    world.publishing.isStale = true
    stale = Stale()
    board.adopted(record, folds: stages.tasks.count)
  }
}
