/// How good the ensemble and each of its members are by their out-of-fold predictions, with how sure one can be of each
/// number: `full-report.json`. `Scoring` says what the numbers mean and how they are computed.
///
/// What is not defined (the average precision of a class that no clip has) is nil: there is no NaN in it.
package struct FullReport: Sendable, Codable, Equatable {
  package static let name = "full-report.json"

  /// Where 95 % of the bootstrap's resamples lie.
  package struct Interval: Sendable, Codable, Equatable {
    package var low: Double
    package var high: Double

    package init(low: Double, high: Double) {
      self.low = low
      self.high = high
    }
  }

  /// A number and its interval; nil where too few clips speak for one.
  package struct Estimate: Sendable, Codable, Equatable {
    package var value: Double
    package var interval: Interval?

    package init(_ value: Double, _ interval: Interval? = nil) {
      self.value = value
      self.interval = interval
    }
  }

  /// Predictions compared with what came true. Bin k holds the probabilities in (k/10, (k+1)/10], the first one 0 too.
  package struct Calibration: Sendable, Codable, Equatable {
    package struct Bin: Sendable, Codable, Equatable {
      package var predictions: Int
      /// Mean probability, and the share of the clips that had the class; nil where the bin is empty.
      package var predicted: Double?
      package var observed: Double?

      package init(predictions: Int, predicted: Double?, observed: Double?) {
        self.predictions = predictions
        self.predicted = predicted
        self.observed = observed
      }
    }

    package var bins: [Bin]
    /// Expected calibration error, 0 to 1.
    package var error: Estimate

    package init(bins: [Bin], error: Estimate) {
      self.bins = bins
      self.error = error
    }
  }

  package struct ClassScore: Sendable, Codable, Equatable {
    package var name: String
    /// Clips that have the class.
    package var positives: Int
    /// Binary log loss in nats, and that of answering the prior.
    package var logLoss: Estimate
    package var priorLogLoss: Double
    /// Nil without a positive.
    package var averagePrecision: Estimate?
    /// Nil without a positive or without a negative.
    package var rocAUC: Estimate?
    package var calibration: Calibration
    /// Of the clips that have the class, the share where it is the most probable one. Nil without a positive.
    package var topClass: Estimate?

    package init(
      name: String, positives: Int, logLoss: Estimate, priorLogLoss: Double, averagePrecision: Estimate?,
      rocAUC: Estimate?, calibration: Calibration, topClass: Estimate?
    ) {
      self.name = name
      self.positives = positives
      self.logLoss = logLoss
      self.priorLogLoss = priorLogLoss
      self.averagePrecision = averagePrecision
      self.rocAUC = rocAUC
      self.calibration = calibration
      self.topClass = topClass
    }
  }

  /// What throwing away the clips that are most probably blank would spare and cost.
  package struct BlankFilter: Sendable, Codable, Equatable {
    package struct Cut: Sendable, Codable, Equatable {
      /// Per cent of the animal clips (those that are not blank) that may be lost.
      package var lost: Int
      /// Share of the blank clips that go, at most, 0 to 1.
      package var removed: Estimate

      package init(lost: Int, removed: Estimate) {
        self.lost = lost
        self.removed = removed
      }
    }

    package var blanks: Int
    package var animals: Int
    package var cuts: [Cut]
    /// Share of the blanks removed when 0, 0.5, 1, ... 100 % of the animal clips may be lost.
    package var curve: [Double]

    package init(blanks: Int, animals: Int, cuts: [Cut], curve: [Double]) {
      self.blanks = blanks
      self.animals = animals
      self.cuts = cuts
      self.curve = curve
    }
  }

  package struct Model: Sendable, Codable, Equatable {
    package var name: String
    /// Mean over the classes.
    package var logLoss: Estimate
    /// What it is better than answering the priors by: their log loss minus its own, clip by clip.
    package var overPriors: Estimate
    /// Means over the classes for which they are defined; nil where there is none.
    package var averagePrecision: Estimate?
    package var rocAUC: Estimate?
    /// Share of the clips whose most probable class is one of theirs.
    package var topClass: Estimate
    /// Of all classes together.
    package var calibration: Calibration
    package var classes: [ClassScore]
    /// Clips by their class (a row each, and a last one for clips without any) and their most probable class (columns). A
    /// clip whose most probable class is one of its own counts once, on the diagonal; otherwise in each of its rows.
    package var confusion: [[Int]]
    /// Nil without a class named `blank`, and where no clip or every clip has it.
    package var blankFilter: BlankFilter?

    package init(
      name: String, logLoss: Estimate, overPriors: Estimate, averagePrecision: Estimate?, rocAUC: Estimate?,
      topClass: Estimate, calibration: Calibration, classes: [ClassScore], confusion: [[Int]],
      blankFilter: BlankFilter?
    ) {
      self.name = name
      self.logLoss = logLoss
      self.overPriors = overPriors
      self.averagePrecision = averagePrecision
      self.rocAUC = rocAUC
      self.topClass = topClass
      self.calibration = calibration
      self.classes = classes
      self.confusion = confusion
      self.blankFilter = blankFilter
    }
  }

  /// The ensemble and the one before it, on the clips that both were judged on.
  package struct Comparison: Sendable, Codable, Equatable {
    /// The earlier run's name.
    package var name: String
    package var clips: Int
    package var logLoss: Double
    package var previousLogLoss: Double
    /// The earlier log loss minus this one, clip by clip: above 0 this run is better.
    package var gain: Estimate

    package init(name: String, clips: Int, logLoss: Double, previousLogLoss: Double, gain: Estimate) {
      self.name = name
      self.clips = clips
      self.logLoss = logLoss
      self.previousLogLoss = previousLogLoss
      self.gain = gain
    }
  }

  /// Labelled clips that were scored out of fold.
  package var clips: Int
  package var resamples: Int
  /// Mean log loss of answering the priors, taken from the other folds.
  package var priorLogLoss: Estimate
  /// The ensemble.
  package var stack: Model
  package var members: [Model]
  package var previous: Comparison?

  package init(
    clips: Int, resamples: Int, priorLogLoss: Estimate, stack: Model, members: [Model], previous: Comparison?
  ) {
    self.clips = clips
    self.resamples = resamples
    self.priorLogLoss = priorLogLoss
    self.stack = stack
    self.members = members
    self.previous = previous
  }
}
