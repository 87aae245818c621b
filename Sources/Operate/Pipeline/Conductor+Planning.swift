internal import Cataloguing
internal import Durability
internal import Folding
internal import Foundation
internal import Journal
internal import Metadata
internal import Settings
internal import Vocabulary
internal import WorkUnits

extension Conductor {
  private var featureSets: [Dataset.FeatureSet] {
    configuration.backbones.map { Dataset.FeatureSet($0) }
  }

  private func members(_ classes: ClassList) -> [MemberModel] {
    MemberTable.members(featureSets, classes: classes, configuration.ensemble)
  }

  private func settingsKey(_ classes: ClassList) throws -> StageKey {
    try RunPlan.settingsKey(
      classes: classes, featureSets: featureSets, members: members(classes), settings: configuration.ensemble.training)
  }

  /// Whether a run was planned under the settings that hold now; as far as one can tell while no labels are read.
  func isCurrent(_ record: RunRecord) throws -> Bool {
    guard let classes = labels.classes else { return true }
    return record.settings == (try settingsKey(classes))
  }

  /// What a run may learn from.
  private struct Learnable {
    /// The labelled clips whose features are all there, in order of clip.
    var labelled: [(clip: ClipID, labels: Labels)]
    /// All clips whose features are there, in order of clip.
    var ready: [ReadyClip]
    var landings: [Landing]
  }

  private func learnable() async throws -> Learnable {
    let ready = try await catalog.ready(extract.features)
    let landings = try await catalog.landings()
    let known = labels.match(landings)
    return Learnable(
      labelled: ready.compactMap { clip in known[clip.clip].map { (clip.clip, $0) } }, ready: ready, landings: landings)
  }

  func refreshLabelled() async throws {
    // Without classes nothing is labelled, and nobody needs to look.
    let known = labels.classes == nil ? [:] : labels.match(try await catalog.landings())
    let ready = known.isEmpty ? [] : try await catalog.readyClips(extract.features)
    let rows = ready.compactMap { clip in known[clip].map { (clip: clip, labels: $0) } }
    world.labelled =
      rows.isEmpty ? nil : World.Labelled(clips: rows.count, learning: try RunPlan.learning(rows))
    board.labelled(rows.count)
    if let newest { world.newest?.isCurrent = try isCurrent(newest.record) && !newest.hasRegressed }
  }

  /// Folds, metadata statistics and rows are drawn once and written down; from here on the run is what they say.
  func planRun() async throws {
    let learnable = try await learnable()
    world.labelled = nil  // Looked up again when something changes: a plan that fails is not retried in a loop.
    guard let classes = labels.classes, !learnable.labelled.isEmpty else { return }
    let (plan, folds) = try plan(learnable, classes)
    let key = try plan.key()
    let record = RunRecord(
      key: key, planned: Int64(world.now), labelledClips: plan.rows.count,
      learning: try RunPlan.learning(learnable.labelled), settings: try settingsKey(classes))
    let stages = LearnStages(state: configuration.state, key: key, plan: plan)
    let directory = configuration.state.run(key)
    try Durability.makeDirectory(directory.scores)
    try Durability.publish(Array(try CanonicalJSON.encodePretty(folds)), at: directory.foldReport)
    try Durability.publish(Array(try CanonicalJSON.encode(plan)), at: directory.plan)
    try await catalog.plan(record, folds: plan.rows.map { ($0.clip, $0.fold) })
    run = ActiveRun(record: record, stages: stages)
    _ = try await prepareRun(ready: learnable.ready)
    Journal.record(
      .info,
      "run \(stages.name) is planned: \(plan.rows.count) labelled clips, \(plan.unlabelled.count) without a label, "
        + "\(plan.members.count) models, \(plan.settings.folds) folds"
        + (plan.warm.map { ", going on from run \($0.run.digest.short)" } ?? ""), fields: [.run: key.description])
  }

  private func plan(_ learnable: Learnable, _ classes: ClassList) throws -> (RunPlan, FoldReport) {
    let (rows, ready) = (learnable.labelled, learnable.ready)
    var settings = configuration.ensemble.training
    // A fold of the second level holds a clip out at least; with fewer than two clips there is nothing to hold out.
    settings.stackFolds = rows.count < 2 ? 0 : min(settings.stackFolds, rows.count)
    let byClip = Dictionary(uniqueKeysWithValues: ready.map { ($0.clip, $0) })
    let drawing = FoldDrawing(
      state: configuration.state, classes: classes,
      groups: configuration.ensemble.groups.groups(
        learnable.landings, captured: byClip.compactMapValues(\.facts.captured)), seed: settings.seed)
    let folds = try drawing.draw(rows, .members, count: settings.folds)
    let stackFolds =
      settings.stackFolds > 0 ? try drawing.draw(rows, .stack, count: settings.stackFolds).folds : [:]
    let warm = try warmStart(rows, folds: folds.folds, classes)
    // The weights know what the old statistics made of metadata.
    let scaler = warm.flatMap { _ in newest?.stages.plan.scaler } ?? MetadataScaler.fit(ready.map(\.metadata))
    func metadata(_ clip: ReadyClip) -> [Float] { scaler.vector(for: clip.metadata) }
    let plan = RunPlan(
      classes: classes, featureSets: featureSets, members: members(classes), settings: settings, scaler: scaler,
      kernels: configuration.kernels,
      rows: rows.compactMap { row in
        guard let fold = folds.folds[row.clip], let clip = byClip[row.clip] else { return nil }
        return RunPlan.Row(
          clip: row.clip, labels: row.labels, fold: fold, stackFold: stackFolds[row.clip], metadata: metadata(clip))
      },
      unlabelled: unlabelled(learnable, settings).map { RunPlan.Unlabelled(clip: $0.clip, metadata: metadata($0)) },
      warm: warm)
    return (plan, folds.report)
  }

  private func warmStart(
    _ rows: [(clip: ClipID, labels: Labels)], folds: [ClipID: Int], _ classes: ClassList
  ) throws -> WarmStart? {
    guard configuration.ensemble.warmRetrain, let newest, let before = newest.before,
      newest.record.settings == (try settingsKey(classes)), newest.stages.isTrained
    else { return nil }
    var now: [ClipID: WarmStart.Before.Row] = [:]
    for row in rows { now[row.clip] = folds[row.clip].map { .init(labels: row.labels, fold: $0) } }
    return WarmStart.after(before, rows: now)
  }

  /// The clips that pseudo-labels are for: some of those without a label, as many as there are with one at most, which is
  /// twice what the epochs of a fold have room for.
  private func unlabelled(_ learnable: Learnable, _ settings: TrainSettings) -> [ReadyClip] {
    if settings.pseudoLabelEpochs == 0 { return [] }
    let labelled = Set(learnable.labelled.map(\.clip))
    let sound = Set(learnable.landings.filter { !$0.isProvisional }.map(\.clip))
    var clips = learnable.ready.filter { !labelled.contains($0.clip) && sound.contains($0.clip) }
    var random = SplitMix64(seed: settings.seed)
    random.shuffle(&clips)
    return clips.prefix(labelled.count).sorted { $0.clip < $1.clip }
  }
}
