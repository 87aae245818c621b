package import Vocabulary

/// Everything the planner looks at: what is known, what is under way, what time it is. A value, so that any situation can
/// be written down in a test.
package struct World: Sendable {
  /// Seconds since 1970.
  package var now: Double
  /// Units that may run at once, and those that do.
  package var slots: Int
  package var busy = 0
  /// Units run one at a time while the machine is short of memory.
  package var memory = MemoryPressure()

  package var arriving = Arriving()
  package var extraction = Extraction()
  package var labelled: Labelled?
  package var run: Run?
  package var newest: Finished?
  package var scoring = Scoring()
  package var publishing = Publishing()
  package var schedule = Schedule()
  package var requests = Requests()
  /// When the last round of upkeep ended; nil before the first since the start.
  package var compacted: Double?

  package init(now: Double, slots: Int) {
    self.now = now
    self.slots = slots
  }

  /// False when nothing is under way and nothing will be begun before something new arrives.
  package var isWorking: Bool {
    if requests.isPaused { return busy > 0 }
    return busy > 0 || !arriving.isQuiet || !extraction.isQuiet || run != nil || scoring.unscored > 0
      || (newest != nil && publishing.isStale && !publishing.backoff.isWaiting)
  }

  /// Where clips come from.
  package struct Arriving: Sendable {
    /// Sources that still download or unpack. One that waits for a later attempt is not counted: it holds up nothing.
    package var activeSources = 0
    /// Watched folders whose first scan is not done.
    package var unscannedFolders = 0
    /// Files that were seen and have not settled or not been hashed yet.
    package var unsettledFiles = 0

    package init() {}
    package var isQuiet: Bool { activeSources == 0 && unscannedFolders == 0 && unsettledFiles == 0 }
  }

  package struct Extraction: Sendable {
    /// Clips on disk that want features, those in flight left out.
    package var pending = 0
    package var inFlight = 0
    /// Clips that could not be read and will be tried again.
    package var resting = 0
    /// What a clip of the last unit took its worker; nil before the first.
    package var secondsPerClip: Double?
    package var backoff = Backoff()

    package init() {}
    package var isQuiet: Bool { pending == 0 && inFlight == 0 && resting == 0 }
  }

  /// The clips that a run could learn from now.
  package struct Labelled: Sendable {
    package var clips: Int
    /// Digest of which clips they are and how they are labelled.
    package var learning: StageKey

    package init(clips: Int, learning: StageKey) {
      self.clips = clips
      self.learning = learning
    }
  }

  /// A run that was planned and is not finished.
  package struct Run: Sendable {
    package var missing: [TrainTask]
    package var inFlight: [TrainTask]
    package var stackInFlight = false
    /// Features or folds were lost on the way: what is under way ends, and the run is taken up anew when the features are
    /// there again.
    package var lacksFeatures = false
    package var backoff = Backoff()

    package init(missing: [TrainTask], inFlight: [TrainTask] = []) {
      self.missing = missing
      self.inFlight = inFlight
    }
  }

  /// The newest finished run.
  package struct Finished: Sendable {
    package var finished: Double
    package var learning: StageKey
    package var labelledClips: Int
    /// False when the settings that shape a run have changed since, or it is worse than the one that it went on from.
    package var isCurrent: Bool
    /// True when it went on from the run before.
    package var isWarm: Bool

    package init(
      finished: Double, learning: StageKey, labelledClips: Int, isCurrent: Bool, isWarm: Bool = false
    ) {
      self.finished = finished
      self.learning = learning
      self.labelledClips = labelledClips
      self.isCurrent = isCurrent
      self.isWarm = isWarm
    }
  }

  package struct Scoring: Sendable {
    /// Clips with features and without a score of the newest finished run, those in flight left out.
    package var unscored = 0
    /// Clips in units under way.
    package var inFlight = 0
    /// The newest run has scored all clips that were ready at some moment since it was finished: what it has not scored is
    /// new, and not most of a submission.
    package var isCaughtUp = false
    package var backoff = Backoff()

    package init() {}
  }

  package struct Publishing: Sendable {
    /// Whether anything that a submission says may have changed since the last one.
    package var isStale = false
    /// Watched folders have not been read through since the start: label files in them say which clips a submission
    /// leaves out.
    package var awaitsFolders = false
    package var lastPublished: Double?
    package var backoff = Backoff()

    package init() {}
  }

  /// What people have asked for.
  package struct Requests: Sendable {
    /// Nothing new is begun; what is under way ends.
    package var isPaused = false
    /// To learn what is labelled now, whatever the schedule says.
    package var training = false
    /// To publish what is scored now, whatever else is coming.
    package var submission = false

    package init() {}
  }

  package struct Schedule: Sendable {
    /// Seconds; nil for never.
    package var retrainEvery: Double?
    package var retrainNewLabels = 500

    package init() {}
  }
}

/// One fold of one network.
package enum TrainTask: Sendable, Hashable {
  case member(Int, fold: Int)
  /// The second level, which learns from what the members' folds say.
  case stack(fold: Int)

  package var isMember: Bool { if case .member = self { true } else { false } }
}
