internal import Cataloguing
internal import Durability
internal import Foundation
internal import Journal
internal import Labelling
internal import TensorFiles
internal import Vocabulary
internal import WorkUnits

extension Conductor {
  /// The clips that the newest finished run has not scored: all it did not learn from.
  func refreshScores() async throws {
    stale.scores = false
    guard let newest else { return }
    let limit = Planner.scoreBatch(slots: world.slots) * world.slots
    let known = try await catalog.unscored(
      newest.fingerprints, run: newest.record.key, limit: limit + scoring.count)
    unscored = Array(known.filter { !scoring.contains($0.clip) }.prefix(limit))
    if unscored.isEmpty { unscored = try await askedFor(newest, limit: limit) }
    isUnscoredAll = known.count < limit + scoring.count && unscored.count < limit
    showScoring()
    board.scores(
      done: try await catalog.scoreCount(run: newest.record.key), missing: unscored.count + scoring.count)
  }

  /// Clips that the run learned from and the submission format names all the same.
  private func askedFor(_ newest: FinishedRun, limit: Int) async throws -> [ReadyClip] {
    guard labels.mayAskForLabelled else { return [] }
    let asked = labels.askedAndLabelled(try await catalog.landings()).subtracting(scoring)
    if asked.isEmpty { return [] }
    let scored = try await catalog.scores(run: newest.record.key)
    let ready = try await catalog.ready(newest.fingerprints)
    return Array(ready.filter { asked.contains($0.clip) && scored[$0.clip] == nil }.prefix(limit))
  }

  func startScoring(clips: Int, in group: inout Group) async throws {
    guard let newest, !unscored.isEmpty else { return }
    let batch = Array(unscored.prefix(clips))
    let (unit, scores) = try newest.stages.scoreUnit(batch)
    unscored.removeFirst(batch.count)
    scoring.formUnion(batch.map(\.clip))
    showScoring()
    start(unit, stage: .score, in: &group) { [clips = batch.map(\.clip)] in .scored(clips, scores, $0) }
  }

  private func showScoring() {
    catchUp.look(underWay: scoring, isAll: isUnscoredAll && unscored.isEmpty)
    world.scoring.unscored = unscored.count
    world.scoring.inFlight = scoring.count
    world.scoring.isCaughtUp = catchUp.isDone
  }

  func scored(_ clips: [ClipID], _ scores: LearnStages.Scores, _ outcome: Outcome) async throws {
    world.busy -= 1
    scoring.subtract(clips)
    stale.scores = true
    var outcome = outcome
    var areScored = false
    if case .published = outcome, let newest, newest.stages.owns(scores) {
      if let problem = try await absorb(scores, of: newest) { outcome = .failed(problem) } else { areScored = true }
    }
    catchUp.ended(clips, areScored: areScored)
    // What has come since is looked up before the next decision.
    isUnscoredAll = false
    showScoring()
    world.scoring.backoff = settled(world.scoring.backoff, stage: .score, outcome)
    _ = try await lose(damagedIn: outcome)
  }

  /// Takes published scores into the catalog. Those that are not what was written are removed, so that they are made again.
  private func absorb(_ scores: LearnStages.Scores, of run: FinishedRun) async throws -> WorkError? {
    let found: ClipProbabilities
    do {
      found = try ClipProbabilities(scores.path, classes: run.stages.plan.classes.count)
    } catch .damaged(let path, let what) {
      try Durability.removeTree(path)
      return WorkError(.input, "\(path) is damaged: \(what); its clips are scored again")
    } catch {
      return WorkError(.environment, "\(error)")
    }
    try await catalog.saveScores(
      run: run.record.key, found.clips.enumerated().map { ($1, Array(found[$0])) })
    try Durability.removeTree(scores.dataset)
    world.publishing.isStale = true
    if found.priors > 0 {
      Journal.record(
        .warning,
        "\(Words.count(found.priors, "clip")) of \(found.clips.count) are answered with the priors: what a network reads "
          + "or says of them is no number",
        fields: [.stage: Stage.score.rawValue, .run: run.record.key.description])
    }
    return nil
  }

  /// Takes in what was scored before a crash, whatever shared its units, and all there is for a catalog that has none.
  func absorbScores(of run: FinishedRun) async throws {
    let isFilled = try await catalog.scoreCount(run: run.record.key) > 0
    let (published, begun) = run.stages.allScores()
    for scores in published where !isFilled || FileManager.default.fileExists(atPath: scores.dataset.display) {
      if let problem = try await absorb(scores, of: run) {
        Journal.record(.warning, "\(problem)", fields: [.stage: Stage.score.rawValue])
      }
    }
    if !scoring.isEmpty { return }
    for scores in begun { try Durability.removeTree(scores.dataset) }
  }
}
