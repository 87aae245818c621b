package import WorkUnits

/// Judges models by their predictions of labelled clips that they were not trained on.
///
/// Every number has a 95 % bootstrap interval over the clips (`Resamples`, `Percentiles`), where at least five clips of
/// the rarer kind speak for it. 200,000 clips of 24 classes take about three seconds a model, on one core; the resamples are 50 MB, and answers as
/// many, of which those of one model at a time are there beside the ensemble's.
package struct FullAssessment: Sendable {
  /// [classes][clips].
  let truth: [[Bool]]
  let classes: [String]
  let clips: Int
  let resamples: Resamples
  /// Binary log loss of answering the priors: mean of each class, and the classes' mean on each resample.
  let priorLoss: [Double]
  let priorLosses: [Double]

  /// A run before this one. Clips that it had no label of have no prediction.
  package struct Previous: Sendable {
    package var name: String
    /// [clips][classes], of the same clips and classes; nil for a clip that it was not judged on.
    package var predictions: [[Double]?]

    package init(name: String, predictions: [[Double]?]) {
      self.name = name
      self.predictions = predictions
    }
  }

  /// - Parameters:
  ///   - truth: [clips][classes]; at least one of each.
  ///   - priors: what answering the priors answers, the same clips and classes.
  package init(truth rows: [[Bool]], classes: [String], priors: Answers, seed: UInt64) {
    precondition(!rows.isEmpty && !classes.isEmpty, "there is something to judge by")
    truth = classes.indices.map { index in rows.map { $0[index] } }
    self.classes = classes
    clips = rows.count
    resamples = Resamples(clips: rows.count, seed: seed)
    var losses = [Double](repeating: 0, count: Resamples.drawn + 1)
    for (values, present) in zip(priors.columns, truth) {
      let own = resamples.sums(Self.losses(values, present))
      for resample in own.indices { losses[resample] += own[resample] / Double(rows.count * classes.count) }
    }
    priorLosses = losses
    priorLoss = zip(priors.columns, truth).map { LogLoss.mean($0, $1) }
  }

  /// - Parameters:
  ///   - stack: the ensemble's answers.
  ///   - members: what `judge` says of each.
  /// - Throws: `Answers.Problem` when the previous run's predictions are none.
  package func report(
    stack: Answers, members: [FullReport.Model], previous: Previous? = nil
  ) throws(Answers.Problem) -> FullReport {
    let prior = FullReport.Estimate(Self.mean(priorLoss), Percentiles.interval(priorLosses, clips: clips))
    let comparison = try previous.map { previous throws(Answers.Problem) in try compare(stack, previous) } ?? nil
    return FullReport(
      clips: clips, resamples: Resamples.drawn, priorLogLoss: prior, stack: judge(stack), members: members,
      previous: comparison)
  }

  static func losses(_ values: [Double], _ truth: [Bool]) -> [Float] {
    zip(values, truth).map { Float(LogLoss.of($0, $1)) }
  }

  static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}
