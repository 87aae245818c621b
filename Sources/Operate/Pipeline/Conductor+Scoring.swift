internal import Cataloguing
internal import Durability
internal import Foundation
internal import Labelling
internal import TensorFiles
internal import Vocabulary
internal import WorkUnits

extension Conductor {
  /// The clips that the newest finished run has not scored: all it did not learn from.
  func refreshScores() async throws {
    stale.scores = false
    guard let newest, !world.scoring.inFlight else { return }
    unscored = try await catalog.unscored(
      newest.fingerprints, run: newest.record.key, limit: Planner.scoreBatch)
    if unscored.isEmpty { unscored = try await askedFor(newest) }
    world.scoring.unscored = unscored.count
    if unscored.isEmpty { world.scoring.isCaughtUp = true }
    board.scores(done: try await catalog.scoreCount(run: newest.record.key), missing: unscored.count)
  }

  /// Clips that the run learned from and the submission format names all the same.
  private func askedFor(_ newest: FinishedRun) async throws -> [ReadyClip] {
    guard labels.mayAskForLabelled else { return [] }
    let asked = labels.askedAndLabelled(try await catalog.landings())
    if asked.isEmpty { return [] }
    let scored = try await catalog.scores(run: newest.record.key)
    let ready = try await catalog.ready(newest.fingerprints)
    return Array(ready.filter { asked.contains($0.clip) && scored[$0.clip] == nil }.prefix(Planner.scoreBatch))
  }

  func startScoring(clips: Int, in group: inout Group) async throws {
    guard let newest else { return }
    let batch = Array(unscored.prefix(clips))
    let (unit, scores, dataset) = try newest.stages.scoreUnit(batch)
    world.scoring.inFlight = true
    start(unit, stage: .score, in: &group) { .scored(path: scores, dataset: dataset, clips: batch.count, $0) }
  }

  func scored(path: BytePath, dataset: BytePath, clips: Int, _ outcome: Outcome) async throws {
    world.busy -= 1
    world.scoring.inFlight = false
    stale.scores = true
    if case .published = outcome, let newest,
      path.deletingLastComponent == configuration.state.run(newest.record.key).scores
    {
      let scores = try ClipProbabilities(path, classes: newest.stages.plan.classes.count)
      try await catalog.saveScores(
        run: newest.record.key, scores.clips.enumerated().map { ($1, Array(scores[$0])) })
      try Durability.removeTree(dataset)
      world.publishing.isStale = true
      // It was given all that there was.
      if clips < Planner.scoreBatch { world.scoring.isCaughtUp = true }
    }
    world.scoring.backoff = settled(world.scoring.backoff, stage: .score, outcome)
    _ = try await lose(damagedIn: outcome)
  }
}
