package import WorkUnits

/// Judges an ensemble by its out-of-fold predictions, as honestly as they allow: what is found on predictions (shrinking,
/// bounds) is found on the other folds, and so are the priors that it is compared with.
package struct Assessment: Sendable {
  /// [clips][classes]: what the second level makes of the members' out-of-fold probabilities.
  private let predictions: [[Double]]
  private let truth: [[Bool]]
  private let classes: [String]
  /// Every clip's answers, [clips][classes], found without its own fold: the ensemble's, and what answering the priors
  /// would be.
  package let answers: [[Double]]
  package let priorAnswers: [[Double]]

  /// - Parameters: [clips][classes] of predictions and truth; at least one clip. Its folds are those of the members.
  package init(predictions: [[Double]], truth: [[Bool]], folds: [Int], classes: [String]) {
    self.predictions = predictions
    self.truth = truth
    self.classes = classes
    (answers, priorAnswers) = Self.answers(predictions, truth, folds, classes: classes.count)
  }

  /// One of the ensemble's. Its predictions, [clips][classes], are made when it is judged: nine members' of 200,000 clips
  /// would be 800 MB.
  package struct Member {
    package var name: String
    package var predictions: () -> [[Double]]

    package init(name: String, predictions: @escaping () -> [[Double]]) {
      self.name = name
      self.predictions = predictions
    }
  }

  /// Mean over the classes.
  package var logLoss: Double { meanLoss(answers) }

  /// The blend for clips to come: from all folds.
  package func blend(_ level: Blend.SecondLevel) -> Blend {
    var blend = BlendSearch.find(predictions, truth, priors: Self.priors(truth[...], classes: classes.count))
    blend.level = level
    return blend
  }

  /// Both reports: the short one, and the full one with an interval for each number.
  ///
  /// - Parameters:
  ///   - members: in the order of the ensemble; they go by their names, and the ensemble by `ensemble`.
  ///   - previous: the run before, of the same classes.
  ///   - progress: called after each model of the full report with how many are judged.
  /// - Throws: `Answers.Problem` when a prediction is no probability.
  package func reports(
    members: [Member], previous: FullAssessment.Previous?, seed: UInt64,
    progress: (Int) -> Void = { _ in }
  ) throws(Answers.Problem) -> (short: ScoringReport, full: FullReport) {
    let assessment = FullAssessment(
      truth: truth, classes: classes,
      priors: try Answers(name: "priors", rows: priorAnswers, classes: classes.count), seed: seed)
    var short = report()
    var models: [FullReport.Model] = []
    for member in members {
      let predictions = member.predictions()
      short.members.append(.init(name: member.name, logLoss: meanLoss(predictions)))
      models.append(
        assessment.judge(try Answers(name: member.name, rows: predictions, classes: classes.count)))
      progress(models.count)
    }
    let full = try assessment.report(
      stack: try Answers(name: "ensemble", rows: answers, classes: classes.count), members: models,
      previous: previous)
    progress(models.count + 1)
    return (short, full)
  }

  private static func answers(
    _ predictions: [[Double]], _ truth: [[Bool]], _ folds: [Int], classes: Int
  ) -> (ensemble: [[Double]], priors: [[Double]]) {
    var answers = predictions
    var priorAnswers = predictions
    for fold in Set(folds).sorted() {
      let held = folds.indices.filter { folds[$0] == fold }
      let others = folds.indices.filter { folds[$0] != fold }
      let known = others.map { truth[$0] }
      let priors = priors(known[...], classes: classes)
      let blend = BlendSearch.find(others.map { predictions[$0] }, known, priors: priors)
      for row in held {
        for index in 0..<classes {
          answers[row][index] = Double(blend.apply(Float(predictions[row][index]), class: index))
        }
        priorAnswers[row] = priors
      }
    }
    return (answers, priorAnswers)
  }

  /// Without its members.
  package func report() -> ScoringReport {
    let scores = classes.indices.map { index in
      ScoringReport.ClassScore(
        name: classes[index], positives: truth.count { $0[index] }, logLoss: loss(answers, index),
        priorLogLoss: loss(priorAnswers, index))
    }
    return ScoringReport(
      clips: truth.count, logLoss: Self.mean(scores.map(\.logLoss)),
      priorLogLoss: Self.mean(scores.map(\.priorLogLoss)),
      classes: scores, members: [])
  }

  private static func priors(_ truth: ArraySlice<[Bool]>, classes: Int) -> [Double] {
    (0..<classes).map { index in Priors.share(positives: truth.count { $0[index] }, of: truth.count) }
  }

  private func meanLoss(_ answers: [[Double]]) -> Double { Self.mean(classes.indices.map { loss(answers, $0) }) }

  private func loss(_ answers: [[Double]], _ index: Int) -> Double {
    LogLoss.mean(answers.map { $0[index] }, truth.map { $0[index] })
  }

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}
