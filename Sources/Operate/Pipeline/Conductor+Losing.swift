internal import Cataloguing
internal import Journal
internal import Vocabulary
internal import WorkUnits

extension Conductor {
  /// What a worker found damaged is forgotten and made again: a shard, what it holds of a clip, or a product of a run.
  /// Returns whether there was anything.
  func lose(damagedIn outcome: Outcome) async throws -> Bool {
    guard case .failed(let error) = outcome, let path = error.damaged else { return false }
    let what: String
    let stage: Stage
    if try await extract.lose(path, clip: error.damagedClip, in: catalog) {
      what = error.damagedClip.map { "what \(path) holds of clip \($0)" } ?? "what \(path) held"
      stage = .extract
    } else if try await loseProduct(path) {
      what = "what \(path.deletingLastComponent) held"
      stage = .train
    } else {
      return false
    }
    Journal.record(
      .warning, "\(what) is made again: \(error.message)", event: .featuresLost, fields: [.stage: stage.rawValue])
    stale = Stale()
    return true
  }

  /// A fold, or what the ensemble came out as, of the run under way or the newest one.
  private func loseProduct(_ path: BytePath) async throws -> Bool {
    if let run, try run.stages.lose(path) {
      world.run?.lacksFeatures = true
      takeUpAnew()
      return true
    }
    guard let newest, try newest.stages.lose(path) else { return false }
    try await takeUp(newest)
    return true
  }

  /// Once nothing of a run that lacks something is under way, it is taken up anew, and finds done what is (`resumeRun`).
  func takeUpAnew() {
    guard let state = world.run, state.lacksFeatures, state.inFlight.isEmpty, !state.stackInFlight else { return }
    world.run = nil
    stale = Stale()
  }

  /// The newest run, which is not whole any more, becomes the one under way: what is missing of it is made. A run that is
  /// under way already goes on, if it can do without, and takes its place.
  private func takeUp(_ finished: FinishedRun) async throws {
    newest = nil
    world.newest = nil
    unscored = []
    world.scoring.unscored = 0
    if let active = run {
      if active.stages.canGoOn { return try await catalog.forget(run: finished.record.key) }
      try await catalog.forget(run: active.record.key)
    }
    var record = finished.record
    record.finished = nil
    try await catalog.save(record)
    run = ActiveRun(record: record, stages: finished.stages)
    world.run = nil
    try await showRuns()
  }
}
