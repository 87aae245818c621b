/// What is to be done next.
package enum Action: Sendable, Equatable {
  /// Extract the features of at most this many pending clips in one unit.
  case extract(clips: Int)
  /// Draw folds and write down a new run.
  case planRun
  case train(TrainTask)
  case stack
  /// Score at most this many clips in one unit.
  case score(clips: Int)
  case publish
  /// Do a piece of the store's upkeep, seconds at most: give back what features of clips and networks take that are gone,
  /// and join small shards.
  case compact
}

/// Decides what runs, from a description of the world alone. It knows the order of the stages and nothing of how they are
/// done.
package enum Planner {
  /// Clips in one extract unit, and the seconds that it is to take: what a crash may cost, against what a worker's start
  /// costs, which is some seconds. Four large networks may look at one clip for minutes: still so many that the next one is
  /// decoded meanwhile, and that a shard is not made for each.
  private static let extractBatch = 4...16
  private static let extractSeconds = 120.0
  /// Before it is known how long a clip takes.
  private static let firstBatch = 2
  /// Clips in one score unit, where there are so many. Each reads the weights of all networks, which takes seconds with nine
  /// models, as scoring some dozens of clips does.
  private static let scoreBatches = 256...4096
  /// Clips in all score units together, but for the least that each has.
  private static let scoredAtOnce = 16_384
  /// Seconds between two submissions while clips keep arriving.
  package static let publishInterval = 60.0
  /// Seconds between two rounds of upkeep: each looks at every shard.
  package static let compactInterval = 86_400.0

  package static func actions(_ world: World) -> [Action] {
    if world.requests.isPaused { return [] }
    var free = (world.memory.isShort ? 1 : world.slots) - world.busy
    var actions: [Action] = []
    // New clips first: a score is worth most while it is news. Then what a finished ensemble can score, then training.
    take(scoring(world, free: free), into: &actions, free: &free)
    take(extraction(world, free: free), into: &actions, free: &free)
    take(training(world), into: &actions, free: &free)
    if needsRun(world) { actions.append(.planRun) }
    if needsPublishing(world) { actions.append(.publish) }
    if actions.isEmpty && mayCompact(world) { actions.append(.compact) }
    return actions
  }

  /// Nobody reads shards while nothing is under way. A clock that was set back counts as a day, too.
  private static func mayCompact(_ world: World) -> Bool {
    if world.isWorking { return false }
    return world.compacted.map { abs(world.now - $0) >= compactInterval } ?? true
  }

  private static func take(_ wanted: [Action], into actions: inout [Action], free: inout Int) {
    let taken = wanted.prefix(max(free, 0))
    actions += taken
    free -= taken.count
  }

  private static func extraction(_ world: World, free: Int) -> [Action] {
    let extraction = world.extraction
    guard extraction.pending > 0, extraction.backoff.allows(now: world.now), free > 0 else { return [] }
    // Few clips are spread over the free workers, so that the last ones do not wait for one worker.
    let share = (extraction.pending + free - 1) / free
    // A unit that failed is tried in smaller pieces, down to the one clip that is to blame.
    let timely = extraction.secondsPerClip.map { seconds in
      let (least, most) = (Double(extractBatch.lowerBound), Double(extractBatch.upperBound))
      return Int(max(min(extractSeconds / max(seconds, 0.001), most), least))
    }
    let most = max(1, (timely ?? firstBatch) >> min(extraction.backoff.failures, 4))
    let batch = min(most, share)
    return Array(repeating: .extract(clips: batch), count: min(free, (extraction.pending + batch - 1) / batch))
  }

  private static func training(_ world: World) -> [Action] {
    guard let run = world.run, !run.lacksFeatures, run.backoff.allows(now: world.now) else { return [] }
    let members = run.missing.filter(\.isMember)
    if !members.isEmpty { return members.map { .train($0) } }
    if run.inFlight.contains(where: \.isMember) { return [] }
    if !run.missing.isEmpty { return run.missing.map { .train($0) } }
    return run.inFlight.isEmpty && !run.stackInFlight ? [.stack] : []
  }

  private static func scoring(_ world: World, free: Int) -> [Action] {
    let unscored = world.scoring.unscored
    guard world.newest != nil, unscored > 0, free > 0, world.scoring.backoff.allows(now: world.now) else { return [] }
    let units = min(free, max(unscored / scoreBatches.lowerBound, 1))
    let batch = min((unscored + units - 1) / units, scoreBatch(slots: world.slots))
    return Array(repeating: .score(clips: batch), count: units)
  }

  /// The more units there may be, the smaller they are: no more clips are looked up than they have room for.
  package static func scoreBatch(slots: Int) -> Int {
    min(max(scoredAtOnce / max(slots, 1), scoreBatches.lowerBound), scoreBatches.upperBound)
  }

  /// A run is planned when everything that is coming has come, so that what is learned does not depend on timing.
  private static func needsRun(_ world: World) -> Bool {
    guard world.run == nil, let labelled = world.labelled, labelled.clips > 0, world.arriving.isQuiet,
      world.extraction.isQuiet
    else { return false }
    guard let newest = world.newest else { return true }
    if !newest.isCurrent { return true }
    // Who asks again after a run that went on from another wants one from the beginning.
    if world.requests.training && newest.isWarm { return true }
    guard newest.learning != labelled.learning else { return false }
    if world.requests.training { return true }
    let new = labelled.clips - newest.labelledClips
    // Half as many again is worth a training whatever the setting: the first run may have seen only a few clips.
    if new >= world.schedule.retrainNewLabels || new * 2 >= newest.labelledClips { return true }
    // By a clock that was ahead, a run may have been finished in the future.
    return world.schedule.retrainEvery.map { abs(world.now - newest.finished) >= $0 } ?? false
  }

  private static func needsPublishing(_ world: World) -> Bool {
    guard world.newest != nil, world.publishing.isStale, !world.publishing.awaitsFolders,
      world.publishing.backoff.allows(now: world.now)
    else { return false }
    // Clips may come faster than scoring ever rests; they are no reason to withhold the others' scores.
    let isScored = world.scoring.unscored == 0 && world.scoring.inFlight == 0
    guard isScored || world.scoring.isCaughtUp else { return false }
    if world.requests.submission { return true }
    if isScored && world.extraction.isQuiet && world.arriving.isQuiet { return true }
    return world.publishing.lastPublished.map { abs(world.now - $0) >= publishInterval } ?? true
  }
}
