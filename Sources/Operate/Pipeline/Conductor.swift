internal import CLinux
internal import Cataloguing
internal import Control
internal import Executors
internal import Foundation
internal import Journal
internal import Labelling
internal import Vocabulary
internal import WorkUnits

/// Runs the flow: hears events, keeps the world up to date, and starts what the planner decides. It computes nothing
/// itself; units are workers, and decisions are the planner's.
actor Conductor {
  let configuration: Configuration
  let catalog: Catalog
  let executor: any Executor
  let board: StatusBoard
  let extract: ExtractStage
  private(set) var retainer: Retainer
  nonisolated let events: AsyncStream<Event>
  nonisolated let inbox: AsyncStream<Event>.Continuation

  var world: World
  var labels: LabelKeeper
  /// Clips in units under way, and how often a clip's own unit failed.
  var inFlight: Set<ClipID> = []
  var failures: [ClipID: Int] = [:]
  var run: ActiveRun?
  var newest: FinishedRun?
  /// Without those in units under way, which are `scoring`.
  var unscored: [ReadyClip] = []
  var scoring: Set<ClipID> = []
  /// Whether nothing that is ready is missing from `unscored`.
  var isUnscoredAll = false
  var catchUp = CatchUp()
  var stale = Stale()
  /// What is left of a round of upkeep; nil between two.
  var upkeep: [Compactor.Job]?

  /// What has to be looked up again before the next decision.
  struct Stale {
    var clips = true
    var labelled = true
    var scores = true
  }

  init(
    configuration: Configuration, catalog: Catalog, executor: any Executor, board: StatusBoard, isPaused: Bool
  ) {
    self.configuration = configuration
    self.catalog = catalog
    self.executor = executor
    self.board = board
    extract = ExtractStage(state: configuration.state, backbones: configuration.backbones)
    retainer = Retainer(
      sources: configuration.sources, state: configuration.state, catalog: catalog, micro: extract.micro.fingerprint)
    labels = LabelKeeper(configuration: configuration, board: board)
    world = World(now: Date().timeIntervalSince1970, slots: configuration.slots)
    world.schedule = configuration.schedule
    world.requests.isPaused = isPaused
    // What was published is not known yet; the same submission is not published twice.
    world.publishing.isStale = true
    world.arriving.activeSources = configuration.sources.count
    world.arriving.unscannedFolders = configuration.folders.count
    world.publishing.awaitsFolders = configuration.sidecars && !configuration.folders.isEmpty
    activeSources = Set(configuration.sources.map(\.id))
    unscanned = Set(configuration.folders)
    // Unbounded, because a lost event would be lost work; what fills it is bounded: units in flight, folders, sources.
    (events, inbox) = AsyncStream.makeStream(of: Event.self)
  }

  /// Since memory was given back last.
  private var hasLookedAtAll = false
  private var activeSources: Set<String>
  private var unscanned: Set<BytePath>
  private var unsettled: [BytePath: Int] = [:]

  /// Returns when the task is cancelled and every worker has ended.
  func conduct() async throws {
    try await recover()
    try await withThrowingDiscardingTaskGroup { group in
      try await decide(&group)
      pulse.beat()
      for await event in events {
        try await hear(event)
        try await decide(&group)
        pulse.beat()
      }
      group.cancelAll()
    }
  }

  /// Of the loop; a first look through everything may take as long as it does.
  private(set) var pulse = Pulse()

  private func recover() async throws {
    _ = labels.reloadIfChanged()
    try await extract.recover(catalog)
    extract.sweepCompiled()
    _ = try await retainer.sweep()
    try await recoverRuns()
    try await showRuns()
  }

  private func hear(_ event: Event) async throws {
    world.now = Date().timeIntervalSince1970
    switch event {
    case .clipsChanged:
      stale = Stale()
      world.publishing.isStale = true
    case .unsettled(let folder, let count):
      unsettled[folder] = count
      world.arriving.unsettledFiles = unsettled.values.reduce(0, +)
    case .scanned(let folder):
      unscanned.remove(folder)
      world.arriving.unscannedFolders = unscanned.count
      if unscanned.isEmpty && world.arriving.unsettledFiles == 0 { world.publishing.awaitsFolders = false }
    case .sidecar(let place, let file):
      labels.take(place, file)
      _ = labels.reloadIfChanged()
      stale.labelled = true
      stale.scores = true
      world.publishing.isStale = true
    case .source(let id, let isActive):
      if isActive { activeSources.insert(id) } else { activeSources.remove(id) }
      world.arriving.activeSources = activeSources.count
    case .extracted(let files, let ledger, let took, let outcome):
      try await extracted(files, ledger: ledger, took: took, outcome)
    case .trained(let task, let outcome): try await trained(task, outcome)
    case .stacked(let outcome): try await stacked(outcome)
    case .scored(let clips, let scores, let outcome): try await scored(clips, scores, outcome)
    case .asked(let request): hear(request)
    case .retry(let clips): try await retry(clips)
    case .reloaded(let change): hear(change)
    case .tick:
      lookAtMemory()
      // A rest may be over.
      if world.extraction.resting > 0 { stale.clips = true }
      if labels.reloadIfChanged() {
        stale.labelled = true
        world.publishing.isStale = true
      }
    }
  }

  private func lookAtMemory() {
    let subject = "memory"
    let share = MemoryPressure.here()
    guard world.memory.look(share) else { return }
    guard world.memory.isShort else {
      Journal.record(.notice, "memory suffices again: as many units run as before", event: .memoryFree)
      return board.solved(subject)
    }
    let message = "everything waits for memory \(Int(share ?? 0)) % of the time: one unit runs at a time"
    let next = "see what else runs here, or set [features] workers lower"
    Journal.record(.warning, "\(message) (\(next))", event: .memoryLow)
    board.problem(subject, message, next: next)
  }

  private func hear(_ request: ControlRequest) {
    Journal.record(.notice, "asked to \(request)", event: .asked)
    switch request {
    case .pause: world.requests.isPaused = true
    case .resume: world.requests.isPaused = false
    case .retrain: world.requests.training = true
    case .rescore:
      stale.scores = true
      world.publishing.isStale = true
      world.requests.submission = true
    }
  }

  private func hear(_ change: Reconfiguration) {
    world.schedule = change.schedule
    world.slots = change.slots
    retainer.sources += change.added
    activeSources.formUnion(change.added.map(\.id))
    world.arriving.activeSources = activeSources.count
  }

  private func decide(_ group: inout ThrowingDiscardingTaskGroup<any Error>) async throws {
    var isSettled = false
    while !isSettled {
      try await refresh()
      isSettled = true
      for action in Planner.actions(world) {
        switch action {
        case .extract(let clips): try await startExtract(clips: clips, in: &group)
        case .train(let task): startTraining(task, in: &group)
        case .stack: startStack(in: &group)
        case .score(let clips): try await startScoring(clips: clips, in: &group)
        // These two are done at once and change what there is to do.
        case .planRun:
          world.requests.training = false
          try await planRun()
          try await showRuns()
          isSettled = false
        case .publish:
          world.requests.submission = false
          try await publish()
          isSettled = false
        case .compact: try await compact()
        }
      }
    }
    board.show(world)
    if hasLookedAtAll && world.arriving.isQuiet {
      hasLookedAtAll = false
      clinux_trim_memory()
    }
  }

  /// What was added or lost after retention had removed clips cannot be made of them any more.
  private func tellRemoved(_ count: Int) {
    let subject = "removed clips"
    if count == 0 { return board.solved(subject) }
    board.problem(
      subject,
      "\(Words.count(count, "clip")) lack features, of a network that was added or changed later or of a file that "
        + "was lost, and retention has removed the clips",
      next: "remove the source's folder in sources to have it fetched again, or go without")
  }

  private func tellFaulty(_ count: Int) {
    let subject = "clip files"
    if count == 0 { return board.solved(subject) }
    board.problem(
      subject, "\(Words.count(count, "clip")) cannot be read from where they lie, and go without features",
      next:
        "see the reasons in `primatrixctl clips --state pending`, mend the files or their disk, then `primatrixctl retry`"
    )
  }

  /// Brings the world up to date with the catalog, looking up only what may have changed.
  private func refresh() async throws {
    if stale.clips {
      stale.clips = false
      let counts = try await catalog.counts(now: Int64(world.now))
      world.extraction.pending = counts.pending - inFlight.count
      world.extraction.resting = counts.resting
      world.extraction.inFlight = inFlight.count
      board.show(counts)
      tellRemoved(counts.removed)
      tellFaulty(counts.faulty)
    }
    if stale.labelled && world.arriving.isQuiet && world.extraction.isQuiet {
      stale.labelled = false
      hasLookedAtAll = true
      try await refreshLabelled()
      if run != nil && world.run == nil { try await resumeRun() }
    }
    if stale.scores { try await refreshScores() }
  }
}
