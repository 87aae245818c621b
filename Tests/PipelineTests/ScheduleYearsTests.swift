import Foundation
import Pipeline
import Testing
import Vocabulary
import WorkUnits

/// Ten years of a daemon's life, simulated: clips and labels arrive in bursts, units take their time and fail now and then,
/// people pause it, the machine is down for days, its clock is set back. Only the planner is real.
@Suite struct ScheduleYearsTests {
  private static let day = 86_400.0
  private static let years = 10.0 * 365 * day

  /// What is under way, by the time at which it ends.
  private enum Unit { case extract(Int), train(TrainTask), stack, score(Int) }

  private struct Life {
    var world = World(now: 0, slots: 2)
    var random: SplitMix64
    var units: [(end: Double, unit: Unit)] = []
    var features = 0
    var labelled = 0
    var runs: [(at: Double, labelled: Int)] = []
    var published: [Double] = []
    var compacted: [Double] = []
    /// Since when there have been enough new labels, or any and a week since the last run, and nothing in the way of learning
    /// them.
    var dueSince: Double?
    /// Since when clips have waited beside a free worker.
    var heldSince: Double?
    /// True time, in which units end; the world's is that of a clock that was set back by so much.
    var time = 0.0
    var setBack = 0.0

    init(seed: UInt64) {
      random = SplitMix64(seed: seed)
      world.schedule.retrainEvery = 7 * day
      world.schedule.retrainNewLabels = 500
    }

    mutating func chance(_ probability: Double) -> Bool {
      Double(random.next() >> 11) / Double(1 << 53) < probability
    }
    mutating func below(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

    private func learning(_ count: Int) -> StageKey { StageKey(Digest(of: Data("\(count)".utf8))) }

    mutating func begin(_ action: Action) {
      switch action {
      case .extract(let clips):
        let taken = min(clips, world.extraction.pending)
        world.extraction.pending -= taken
        world.extraction.inFlight += taken
        add(.extract(taken), seconds: Double(taken) * 10)
      case .planRun:
        #expect(world.run == nil, "two runs at once")
        #expect(world.extraction.isQuiet && world.arriving.isQuiet, "what it learns from is still coming")
        world.requests.training = false
        runs.append((time, labelled))
        world.run = .init(missing: (0..<5).map { .member(0, fold: $0) } + (0..<2).map { .stack(fold: $0) })
      case .train(let task):
        let members = (world.run?.missing ?? []) + (world.run?.inFlight ?? [])
        #expect(task.isMember || !members.contains(where: \.isMember), "the second level before the first")
        world.run?.missing.removeAll { $0 == task }
        world.run?.inFlight.append(task)
        add(.train(task), seconds: task.isMember ? 3600 : 60)
      case .stack:
        world.run?.stackInFlight = true
        add(.stack, seconds: 60)
      case .score(let clips):
        let taken = min(clips, world.scoring.unscored)
        #expect(taken > 0, "a unit with nothing to score")
        world.scoring.inFlight += taken
        world.scoring.unscored -= taken
        add(.score(taken), seconds: 5)
      case .publish:
        #expect(world.newest != nil)
        world.publishing.isStale = false
        world.requests.submission = false
        world.publishing.lastPublished = world.now
        published.append(world.now)
      case .compact:
        #expect(world.busy == 0 && world.run == nil, "somebody may read shards")
        if let last = world.compacted { #expect(abs(world.now - last) >= day) }
        world.compacted = world.now
        compacted.append(time)
      }
    }

    private mutating func add(_ unit: Unit, seconds: Double) {
      world.busy += 1
      #expect(world.busy <= world.slots)
      units.append((time + seconds, unit))
    }

    mutating func end(_ unit: Unit) {
      world.busy -= 1
      let hasFailed = chance(0.02)
      switch unit {
      case .extract(let clips):
        world.extraction.inFlight -= clips
        if hasFailed {
          world.extraction.pending += clips
          world.extraction.backoff.failed(.failure, now: world.now)
        } else {
          world.extraction.backoff.succeeded()
          features += clips
          if world.newest != nil { world.scoring.unscored += clips }
          world.publishing.isStale = true
        }
      case .train(let task):
        world.run?.inFlight.removeAll { $0 == task }
        if hasFailed {
          world.run?.missing.append(task)
          world.run?.backoff.failed(.environment, now: world.now)
        } else {
          world.run?.backoff.succeeded()
        }
      case .stack:
        let learned = runs.last?.labelled ?? 0
        world.newest = .init(finished: world.now, learning: learning(learned), labelledClips: learned, isCurrent: true)
        world.run = nil
        world.scoring.unscored = features
        world.publishing.isStale = true
      case .score(let clips):
        world.scoring.inFlight -= clips
        if hasFailed {
          world.scoring.unscored += clips
          world.scoring.backoff.failed(.failure, now: world.now)
        } else {
          world.scoring.backoff.succeeded()
        }
      }
    }

    /// Something from outside.
    mutating func meet() {
      if chance(0.3) { world.extraction.pending += below(400) }
      if chance(0.2) { labelled = min(labelled + below(300), features) }
      if chance(0.05) { world.requests.isPaused.toggle() }
      if chance(0.02) { world.requests.training = true }
      if chance(0.05) { world.requests.submission = true }
      if labelled > 0 { world.labelled = .init(clips: labelled, learning: learning(labelled)) }
    }

    /// Power is gone: units are gone, what was published stays.
    mutating func crash() {
      for (_, unit) in units {
        switch unit {
        case .extract(let clips): world.extraction.pending += clips
        case .train(let task): world.run?.missing.append(task)
        case .stack: world.run?.stackInFlight = false
        case .score(let clips): world.scoring.unscored += clips
        }
      }
      units = []
      (heldSince, dueSince) = (nil, nil)
      world.busy = 0
      world.extraction.inFlight = 0
      world.run?.inFlight = []
      world.scoring.inFlight = 0
    }

    /// The time that the daemon hears of next: the end of a unit, or its tick.
    mutating func pass() {
      let tick = time + 600
      if let first = units.indices.min(by: { units[$0].end < units[$1].end }), units[first].end <= tick {
        let (end, unit) = units.remove(at: first)
        time = end
        world.now = time - setBack
        self.end(unit)
      } else {
        time = tick
        world.now = time - setBack
      }
    }

    /// By minutes, or by months: the clock was wrong from the beginning, and somebody has mended it.
    mutating func setClockBack() {
      setBack += chance(0.5) ? 1000 : Double(below(100)) * day
    }
  }

  @Test(arguments: [UInt64(1), 2, 3]) func tenYears(seed: UInt64) {
    var life = Life(seed: seed)
    var nextMeeting = 0.0
    while life.time < Self.years {
      if life.time >= nextMeeting {
        life.meet()
        nextMeeting = life.time + Self.day * 0.5
      }
      if life.chance(0.0005) {
        life.crash()
        life.time += Self.day * Double(1 + life.below(5))
      }
      if life.chance(0.0001) { life.setClockBack() }
      let isPaused = life.world.requests.isPaused
      for action in Planner.actions(life.world) {
        #expect(!isPaused, "\(action) while paused")
        life.begin(action)
      }
      check(&life)
      life.pass()
    }
    #expect(life.features > 100_000 && life.runs.count > 100 && life.published.count > 1000)
    #expect(life.compacted.count > 300)
    // The schedule holds: labels that are enough, or old enough, are learned, and nothing is learned twice.
    for (former, later) in zip(life.runs, life.runs.dropFirst()) { #expect(later.labelled > former.labelled) }
  }

  /// Whatever happens, work that can be done is under way: nothing waits for ever.
  private func check(_ life: inout Life) {
    let world = life.world
    let isFree = !world.requests.isPaused && world.busy < world.slots
    if isFree && world.extraction.pending > 0 {
      #expect(!world.extraction.backoff.allows(now: world.now), "clips wait beside a free worker")
      life.heldSince = life.heldSince ?? life.time
    } else {
      life.heldSince = nil
    }
    // A failure is followed by ten minutes of waiting at most, and by twice as many where the clock was set back.
    if let since = life.heldSince { #expect(life.time - since < 2000, "clips wait and wait") }
    let isBlocked = world.requests.isPaused || world.run != nil || !world.extraction.isQuiet
    let news = life.labelled - (world.newest?.labelledClips ?? 0)
    // By the machine's clock, which may say that the run is still to come.
    let isOld = world.newest.map { abs(world.now - $0.finished) > 7 * Self.day } ?? false
    if (news >= 500 || (news > 0 && isOld)) && !isBlocked {
      life.dueSince = life.dueSince ?? life.time
    } else {
      life.dueSince = nil
    }
    if let since = life.dueSince { #expect(life.time - since < 1200, "labels enough, or old enough, and no run") }
  }
}
