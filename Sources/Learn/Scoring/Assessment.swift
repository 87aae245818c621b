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

  package func report(members: [(name: String, predictions: [[Double]])]) -> ScoringReport {
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
