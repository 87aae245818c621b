package import WorkUnits

/// Judges an ensemble by its out-of-fold predictions, as honestly as they allow: what is found on predictions (shrinking,
/// bounds) is found on the other folds, and so are the priors that it is compared with.
package struct Assessment: Sendable {
  /// [clips][classes], means of the members' out-of-fold probabilities.
  private let predictions: [[Double]]
  private let truth: [[Bool]]
  private let folds: [Int]
  private let classes: [String]

  package init(predictions: [[Double]], truth: [[Bool]], folds: [Int], classes: [String]) {
    self.predictions = predictions
    self.truth = truth
    self.folds = folds
    self.classes = classes
  }

  /// The blend for clips to come: from all folds.
  package func blend() -> Blend { BlendSearch.find(predictions, truth, priors: priors(Array(truth.indices))) }

  /// Both reports: the short one, and the full one with an interval for each number.
  ///
  /// - Parameters:
  ///   - members: in the order of the ensemble; the ensemble itself is called `stack`.
  ///   - previous: the run before, of the same classes.
  ///   - progress: called after each model of the full report with how many are judged.
  /// - Throws: `Answers.Problem` when a prediction is no probability.
  package func reports(
    members: [(name: String, predictions: [[Double]])], previous: FullAssessment.Previous?, seed: UInt64,
    progress: (Int) -> Void = { _ in }
  ) throws(Answers.Problem) -> (short: ScoringReport, full: FullReport) {
    let (answers, priorAnswers) = answers()
    let assessment = FullAssessment(
      truth: truth, classes: classes,
      priors: try Answers(name: "priors", rows: priorAnswers, classes: classes.count), seed: seed)
    var models: [Answers] = []
    for member in members {
      models.append(try Answers(name: member.name, rows: member.predictions, classes: classes.count))
    }
    let full = try assessment.report(
      stack: try Answers(name: "stack", rows: answers, classes: classes.count), members: models, previous: previous,
      progress: progress)
    return (report(answers, priorAnswers, members), full)
  }

  /// Every clip's answers, found without its own fold: the ensemble's, and what answering the priors would be.
  package func answers() -> (ensemble: [[Double]], priors: [[Double]]) {
    var answers = predictions
    var priorAnswers = predictions
    for fold in Set(folds).sorted() {
      let held = folds.indices.filter { folds[$0] == fold }
      let others = folds.indices.filter { folds[$0] != fold }
      let priors = priors(others)
      let blend = BlendSearch.find(others.map { predictions[$0] }, others.map { truth[$0] }, priors: priors)
      for row in held {
        for index in classes.indices {
          answers[row][index] = Double(blend.apply(Float(predictions[row][index]), class: index))
          priorAnswers[row][index] = priors[index]
        }
      }
    }
    return (answers, priorAnswers)
  }

  package func report(members: [(name: String, predictions: [[Double]])]) -> ScoringReport {
    let (answers, priorAnswers) = answers()
    return report(answers, priorAnswers, members)
  }

  private func report(
    _ answers: [[Double]], _ priorAnswers: [[Double]], _ members: [(name: String, predictions: [[Double]])]
  ) -> ScoringReport {
    let scores = classes.indices.map { index in
      ScoringReport.ClassScore(
        name: classes[index], positives: truth.count { $0[index] }, logLoss: loss(answers, index),
        priorLogLoss: loss(priorAnswers, index))
    }
    return ScoringReport(
      clips: truth.count, logLoss: Self.mean(scores.map(\.logLoss)),
      priorLogLoss: Self.mean(scores.map(\.priorLogLoss)),
      classes: scores,
      members: members.map { member in
        ScoringReport.MemberScore(
          name: member.name, logLoss: Self.mean(classes.indices.map { loss(member.predictions, $0) }))
      })
  }

  private func priors(_ rows: [Int]) -> [Double] {
    classes.indices.map { index in Priors.share(positives: rows.count { truth[$0][index] }, of: rows.count) }
  }

  private func loss(_ answers: [[Double]], _ index: Int) -> Double {
    LogLoss.mean(answers.map { $0[index] }, truth.map { $0[index] })
  }

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}
