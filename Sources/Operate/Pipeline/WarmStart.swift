internal import Cataloguing
package import Vocabulary
internal import WorkUnits

/// A run that goes on from the weights of the one before, for a few epochs, because few labels are new. Folds are stable, so
/// a fold's weights have never learned a label of the clips that the fold is judged by. Such a clip may have been seen when it
/// had no label yet, with what the weights themselves said of it as its target: that says nothing of its label.
package struct WarmStart: Sendable, Codable, Equatable {
  /// Whose weights they are.
  package var run: StageKey
  /// Clips of which the last run that was trained from its beginning knew something else: new, gone, or labelled otherwise.
  package var changed: Int
  /// That run's log loss out of fold.
  package var fullLogLoss: Double

  package init(run: StageKey, changed: Int, fullLogLoss: Double) {
    self.run = run
    self.changed = changed
    self.fullLogLoss = fullLogLoss
  }

  /// With fewer clips a training from the beginning takes minutes, and a single label is worth more.
  package static let leastClips = 1000
  /// One clip of so many may have changed. `scripts/compare-warm` measures what it costs (docs/architecture.md).
  package static let clipsForEachChange = 10
  /// A run that began warm and is worse by more than this part is followed by one that does not.
  private static let tolerance = 0.02

  /// The newest finished run.
  package struct Before: Sendable {
    package var run: StageKey
    package var warm: WarmStart?
    /// Out of fold.
    package var logLoss: Double
    package var rows: [ClipID: Row]

    package struct Row: Sendable, Equatable {
      package var labels: Labels
      package var fold: Int

      package init(labels: Labels, fold: Int) {
        self.labels = labels
        self.fold = fold
      }
    }

    package init(run: StageKey, warm: WarmStart?, logLoss: Double, rows: [ClipID: Row]) {
      self.run = run
      self.warm = warm
      self.logLoss = logLoss
      self.rows = rows
    }
  }

  /// Whether a run that went on so, and came out with this log loss, has lost by it.
  package func hasRegressed(to logLoss: Double) -> Bool { logLoss > fullLogLoss * (1 + Self.tolerance) }

  /// - Parameter rows: what is to be learned from now.
  /// - Returns: nil where all is to be trained from its beginning.
  package static func after(_ before: Before, rows: [ClipID: Before.Row]) -> WarmStart? {
    guard rows.count >= leastClips, before.warm?.hasRegressed(to: before.logLoss) != true else { return nil }
    var new = before.rows.keys.count { rows[$0] == nil }
    for (clip, row) in rows {
      let then = before.rows[clip]
      if let then, then.fold != row.fold { return nil }
      if then != row { new += 1 }
    }
    let changed = (before.warm?.changed ?? 0) + new
    // Who asks for a training where nothing is new wants it from the beginning.
    guard new > 0, changed * clipsForEachChange <= rows.count else { return nil }
    return WarmStart(run: before.run, changed: changed, fullLogLoss: before.warm?.fullLogLoss ?? before.logLoss)
  }
}

extension FinishedRun {
  /// Nil for a run without a report.
  var before: WarmStart.Before? {
    record.report.map { report in
      WarmStart.Before(
        run: record.key, warm: stages.plan.warm, logLoss: report.logLoss,
        rows: Dictionary(
          uniqueKeysWithValues: stages.plan.rows.map { ($0.clip, .init(labels: $0.labels, fold: $0.fold)) }))
    }
  }

  var hasRegressed: Bool {
    guard let warm = stages.plan.warm, let report = record.report else { return false }
    return warm.hasRegressed(to: report.logLoss)
  }
}

extension TrainSettings {
  /// What is left of a training that goes on where another ended.
  var warmed: TrainSettings {
    var settings = self
    settings.epochs = max(2, epochs / 5)
    settings.pseudoLabelEpochs = min(pseudoLabelEpochs, max(1, pseudoLabelEpochs / 3))
    settings.learningRate = learningRate / 5
    return settings
  }
}
