import Foundation
import Pipeline
import Testing
import Vocabulary
import WorkUnits

@Suite struct PlannerTests {
  private static let key = StageKey(Digest(of: Data("labels".utf8)))
  private static let other = StageKey(Digest(of: Data("other labels".utf8)))

  /// A situation in words, a world made by a change to an idle one, and what is to be done in it.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var change: @Sendable (inout World) -> Void
    var actions: [Action]
    var testDescription: String { name }
  }

  private static let idle = {
    var world = World(now: 1000, slots: 2)
    world.extraction.secondsPerClip = 0.3
    world.compacted = 1000
    return world
  }()

  private static func finished(
    labelled: Int = 100, at time: Double = 900, isCurrent: Bool = true, isWarm: Bool = false
  ) -> World.Finished {
    World.Finished(finished: time, learning: key, labelledClips: labelled, isCurrent: isCurrent, isWarm: isWarm)
  }

  private static func lacking(_ run: World.Run) -> World.Run {
    var run = run
    run.lacksFeatures = true
    return run
  }

  static let cases: [Case] = [
    Case(name: "nothing to do", change: { _ in }, actions: []),
    Case(
      name: "few clips are spread over the workers", change: { $0.extraction.pending = 5 },
      actions: [.extract(clips: 3), .extract(clips: 3)]),
    Case(
      name: "one unit at a time while memory is short",
      change: {
        $0.extraction.pending = 5; _ = $0.memory.look(50)
      }, actions: [.extract(clips: 5)]),
    Case(
      name: "and none beside one that is under way",
      change: {
        $0.extraction.pending = 5; $0.busy = 1; _ = $0.memory.look(50)
      }, actions: []),
    Case(
      name: "many clips go in batches", change: { $0.extraction.pending = 100 },
      actions: [.extract(clips: 16), .extract(clips: 16)]),
    Case(
      name: "nobody knows yet how long a clip takes",
      change: {
        $0.extraction.pending = 100; $0.extraction.secondsPerClip = nil
      }, actions: [.extract(clips: 2), .extract(clips: 2)]),
    Case(
      name: "slow clips go in small batches",
      change: {
        $0.extraction.pending = 100; $0.extraction.secondsPerClip = 20
      }, actions: [.extract(clips: 6), .extract(clips: 6)]),
    Case(
      name: "however slow, eight are in flight on two workers",
      change: {
        $0.extraction.pending = 100; $0.extraction.secondsPerClip = 144
      }, actions: [.extract(clips: 4), .extract(clips: 4)]),
    Case(
      name: "fewer after a failure",
      change: {
        $0.extraction.pending = 100; $0.extraction.secondsPerClip = 144
        $0.extraction.backoff.failed(.failure, now: 990)
      }, actions: [.extract(clips: 2), .extract(clips: 2)]),
    Case(
      name: "and the one to blame alone after the next",
      change: {
        $0.extraction.pending = 100; $0.extraction.secondsPerClip = 144
        for time in [980.0, 990] { $0.extraction.backoff.failed(.failure, now: time) }
      }, actions: [.extract(clips: 1), .extract(clips: 1)]),
    Case(
      name: "no free worker",
      change: {
        $0.extraction.pending = 100; $0.busy = 2
      }, actions: []),
    Case(
      name: "one free worker",
      change: {
        $0.extraction.pending = 100; $0.busy = 1
      }, actions: [.extract(clips: 16)]),
    Case(
      name: "a failed batch waits",
      change: {
        $0.extraction.pending = 100; $0.extraction.backoff.failed(.failure, now: 1000)
      }, actions: []),
    Case(
      name: "and comes back smaller",
      change: {
        $0.extraction.pending = 100; $0.extraction.backoff.failed(.failure, now: 990)
      },
      actions: [.extract(clips: 8), .extract(clips: 8)]),
    Case(name: "first labels", change: { $0.labelled = .init(clips: 10, learning: key) }, actions: [.planRun]),
    Case(
      name: "no run while a clip's file is to be tried again",
      change: {
        $0.labelled = .init(clips: 10, learning: key); $0.extraction.resting = 1
      }, actions: []),
    Case(
      name: "no run while a source is at work",
      change: {
        $0.labelled = .init(clips: 10, learning: key); $0.arriving.activeSources = 1
      }, actions: []),
    Case(
      name: "no run before the folders were seen",
      change: {
        $0.labelled = .init(clips: 10, learning: key); $0.arriving.unscannedFolders = 1
      }, actions: []),
    Case(
      name: "no run while clips are extracted",
      change: {
        $0.labelled = .init(clips: 10, learning: key); $0.extraction.inFlight = 1; $0.busy = 2
      }, actions: []),
    Case(
      name: "the same labels are not learned twice",
      change: {
        $0.labelled = .init(clips: 100, learning: key); $0.newest = finished()
      }, actions: []),
    Case(
      name: "one label more waits for the period",
      change: {
        $0.labelled = .init(clips: 101, learning: other)
        $0.newest = finished()
        $0.schedule.retrainEvery = 200
      }, actions: []),
    Case(
      name: "and is learned when the period is over",
      change: {
        $0.labelled = .init(clips: 101, learning: other)
        $0.newest = finished()
        $0.schedule.retrainEvery = 100
      }, actions: [.planRun]),
    Case(
      name: "enough new labels",
      change: {
        $0.labelled = .init(clips: 1500, learning: other)
        $0.newest = finished(labelled: 1000)
      }, actions: [.planRun]),
    Case(
      name: "half as many again",
      change: {
        $0.labelled = .init(clips: 15, learning: other)
        $0.newest = finished(labelled: 10)
      }, actions: [.planRun]),
    Case(
      name: "other settings are another ensemble",
      change: {
        $0.labelled = .init(clips: 100, learning: key); $0.newest = finished(isCurrent: false)
      },
      actions: [.planRun]),
    Case(
      name: "folds fill the workers",
      change: {
        $0.run = .init(missing: [.member(0, fold: 3), .member(0, fold: 4)], inFlight: [.member(0, fold: 2)])
        $0.busy = 1
      }, actions: [.train(.member(0, fold: 3))]),
    Case(
      name: "the second level waits for the members",
      change: { $0.run = .init(missing: [.stack(fold: 0), .member(1, fold: 0)]) },
      actions: [.train(.member(1, fold: 0))]),
    Case(
      name: "for those under way too",
      change: {
        $0.run = .init(missing: [.stack(fold: 0)], inFlight: [.member(1, fold: 0)]); $0.busy = 1
      }, actions: []),
    Case(
      name: "then its folds fill the workers",
      change: { $0.run = .init(missing: [.stack(fold: 0), .stack(fold: 1), .stack(fold: 2)]) },
      actions: [.train(.stack(fold: 0)), .train(.stack(fold: 1))]),
    Case(
      name: "the ensemble waits for the last fold",
      change: {
        $0.run = .init(missing: [], inFlight: [.stack(fold: 1)]); $0.busy = 1
      }, actions: []),
    Case(name: "then it is judged", change: { $0.run = .init(missing: []) }, actions: [.stack]),
    Case(
      name: "new clips go before training",
      change: {
        $0.run = .init(missing: [.member(0, fold: 0)])
        $0.extraction.pending = 1
      }, actions: [.extract(clips: 1), .train(.member(0, fold: 0))]),
    Case(
      name: "clips without a score",
      change: {
        $0.newest = finished(); $0.scoring.unscored = 5000; $0.publishing.isStale = true
      },
      actions: [.score(clips: 2500), .score(clips: 2500)]),
    Case(
      name: "many of them",
      change: {
        $0.newest = finished(); $0.scoring.unscored = 250_000
      },
      actions: [.score(clips: 4096), .score(clips: 4096)]),
    Case(
      name: "many of them and many workers",
      change: {
        $0.newest = finished(); $0.scoring.unscored = 250_000; $0.slots = 16; $0.busy = 13
      },
      actions: Array(repeating: .score(clips: 1024), count: 3)),
    Case(
      name: "so few that one worker reads the weights",
      change: {
        $0.newest = finished(); $0.scoring.unscored = 500
      },
      actions: [.score(clips: 500)]),
    Case(
      name: "more came while others are scored",
      change: {
        $0.newest = finished()
        $0.scoring.unscored = 3
        $0.scoring.inFlight = 4096
        $0.busy = 1
        $0.publishing.isStale = true
      },
      actions: [.score(clips: 3)]),
    Case(
      name: "the last ones are being scored",
      change: {
        $0.newest = finished(); $0.scoring.inFlight = 9; $0.busy = 1; $0.publishing.isStale = true
      },
      actions: []),
    Case(
      name: "scoring that failed waits",
      change: {
        $0.newest = finished(); $0.scoring.unscored = 9; $0.scoring.backoff.failed(.input, now: 1000)
      },
      actions: []),
    Case(
      name: "the first scores of a run are published all at once",
      change: {
        $0.newest = finished(); $0.scoring.unscored = 3; $0.publishing.isStale = true
        $0.publishing.lastPublished = 100
      }, actions: [.score(clips: 3)]),
    Case(
      name: "later ones withhold no others",
      change: {
        $0.newest = finished(); $0.scoring.unscored = 3; $0.publishing.isStale = true
        $0.publishing.lastPublished = 100
        $0.scoring.isCaughtUp = true
      }, actions: [.score(clips: 3), .publish]),
    Case(
      name: "nor the submission that somebody asked for",
      change: {
        $0.newest = finished(); $0.scoring.unscored = 3; $0.publishing.isStale = true
        $0.publishing.lastPublished = 990
        $0.scoring.isCaughtUp = true
        $0.requests.submission = true
      }, actions: [.score(clips: 3), .publish]),
    Case(
      name: "a clock that was set back does not hold up submissions",
      change: {
        $0.newest = finished(); $0.publishing.isStale = true
        $0.publishing.lastPublished = 1e9
        $0.arriving.unsettledFiles = 3
      }, actions: [.publish]),
    Case(
      name: "nor a retrain",
      change: {
        $0.newest = finished(at: 1e9)
        $0.labelled = .init(clips: 101, learning: other)
        $0.schedule.retrainEvery = 700
      }, actions: [.planRun]),
    Case(
      name: "everything is scored",
      change: {
        $0.newest = finished(); $0.publishing.isStale = true
      }, actions: [.publish]),
    Case(
      name: "unless somebody asks",
      change: {
        $0.newest = finished()
        $0.publishing.isStale = true
        $0.publishing.lastPublished = 990
        $0.arriving.unsettledFiles = 3
        $0.requests.submission = true
      }, actions: [.publish]),
    Case(
      name: "one label more, and somebody asks",
      change: {
        $0.labelled = .init(clips: 101, learning: other)
        $0.newest = finished()
        $0.requests.training = true
      }, actions: [.planRun]),
    Case(
      name: "nothing new, whoever asks",
      change: {
        $0.labelled = .init(clips: 100, learning: key)
        $0.newest = finished()
        $0.requests.training = true
      }, actions: []),
    Case(
      name: "nothing new, but the run had gone on from another",
      change: {
        $0.labelled = .init(clips: 100, learning: key)
        $0.newest = finished(isWarm: true)
        $0.requests.training = true
      }, actions: [.planRun]),
    Case(
      name: "a run that has lost features waits for them",
      change: { $0.run = lacking(.init(missing: [.member(0, fold: 0)])) }, actions: []),
    Case(
      name: "paused",
      change: {
        $0.extraction.pending = 100
        $0.run = .init(missing: [])
        $0.newest = finished()
        $0.publishing.isStale = true
        $0.requests.isPaused = true
      }, actions: []),
    Case(
      name: "label files beside clips were not read yet",
      change: {
        $0.newest = finished()
        $0.publishing.isStale = true
        $0.publishing.awaitsFolders = true
      }, actions: []),
    Case(
      name: "published a moment ago and more is coming",
      change: {
        $0.newest = finished()
        $0.publishing.isStale = true
        $0.publishing.lastPublished = 990
        $0.arriving.unsettledFiles = 3
      }, actions: []),
    Case(name: "the first rest is for upkeep", change: { $0.compacted = nil }, actions: [.compact]),
    Case(name: "and a day later", change: { $0.compacted = 1000 - 86_400 }, actions: [.compact]),
    Case(name: "not an hour earlier", change: { $0.compacted = 1000 - 82_800 }, actions: []),
    Case(name: "a clock that was set back", change: { $0.compacted = 1000 + 86_400 }, actions: [.compact]),
    Case(
      name: "no upkeep beside units that may read shards",
      change: {
        $0.compacted = nil; $0.busy = 1
      }, actions: []),
    Case(
      name: "nor before a run under way goes on",
      change: {
        $0.compacted = nil; $0.run = lacking(.init(missing: [.member(0, fold: 0)]))
      }, actions: []),
    Case(
      name: "nor while somebody has paused everything",
      change: {
        $0.compacted = nil; $0.requests.isPaused = true
      }, actions: []),
    Case(
      name: "nor while clips arrive",
      change: {
        $0.compacted = nil; $0.arriving.unsettledFiles = 1
      }, actions: []),
  ]

  @Test(arguments: cases) func decides(_ row: Case) {
    var world = Self.idle
    row.change(&world)
    #expect(Planner.actions(world) == row.actions)
  }
}

@Suite struct BackoffTests {
  @Test func aClockThatWasSetBackIsNotWaitedFor() {
    var backoff = Backoff()
    backoff.failed(.environment, now: 1e9)
    #expect(!backoff.allows(now: 1e9 + 14) && !backoff.allows(now: 1e9 - 14))
    #expect(backoff.allows(now: 1e9 + 15) && backoff.allows(now: 1000))
  }

  @Test func waitsLongerEachTimeUpToTenMinutes() {
    var backoff = Backoff()
    #expect(backoff.allows(now: 0))
    var waits: [Double] = []
    for _ in 0..<8 {
      backoff.failed(.environment, now: 100)
      waits.append((backoff.until ?? 0) - 100)
    }
    #expect(waits == [15, 30, 60, 120, 240, 480, 600, 600])
    backoff.succeeded()
    #expect(backoff == Backoff())
  }

  @Test(arguments: [WorkError.Kind.failure, .killed]) func aDeadWorkerIsReplacedAtOnce(_ kind: WorkError.Kind) {
    var backoff = Backoff()
    backoff.failed(kind, now: 0)
    #expect(backoff.until == 1)
    for _ in 0..<100 { backoff.failed(kind, now: 0) }
    #expect(backoff.until == 600)
  }
}
