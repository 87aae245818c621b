internal import Foundation
internal import Numerics
internal import Scoring
internal import Vocabulary
internal import WorkUnits

/// The second level that is best out of fold: the stack's networks, the members' mean, or the best member alone. With few
/// clips the networks may well be worse than a mean, and what is worse is not used.
struct LevelChoice {
  /// `metrics.json` of the stack.
  struct Metrics: Codable {
    struct Candidate: Codable {
      var name: String
      /// Mean over the classes, after the blend, each clip's found without its own fold.
      var logLoss: Double
    }

    var candidates: [Candidate]
    var chosen: String
  }

  private struct Candidate {
    var name: String
    var level: Blend.SecondLevel
    var assessment: Assessment
    var logLoss: Double
  }

  let level: Blend.SecondLevel
  let assessment: Assessment
  let metrics: Metrics

  init(_ spec: StackSpec, _ columns: StackColumns, _ judged: JudgedRows) throws {
    let (layout, classes) = (columns.layout, judged.dataset.classes)
    let shares = classes.names.indices.map { index in
      Priors.share(positives: judged.truth.count { $0[index] }, of: judged.truth.count)
    }
    // Of many clips each candidate's answers are large: only those of the best so far are kept.
    var tried: [Metrics.Candidate] = []
    var leading: Candidate?
    func consider(_ name: String, _ level: Blend.SecondLevel, _ answer: (Int, Int) -> Float?) {
      let predictions = judged.answers { answer(judged.rows[$0], $1).map(Double.init) ?? shares[$1] }
      let assessment = Assessment(
        predictions: predictions, truth: judged.truth, folds: judged.folds, classes: classes.names)
      let loss = assessment.logLoss
      tried.append(.init(name: name, logLoss: loss))
      // The first of equals.
      if leading.map({ loss < $0.logLoss }) ?? true {
        leading = Candidate(name: name, level: level, assessment: assessment, logLoss: loss)
      }
    }
    if !spec.stack.isEmpty {
      let stack = try OutOfFold.read(
        spec.stack, of: "stack", judged.dataset, classes: classes.count
      ) { $0.stackFold }
      consider("stack", .stack) { stack[$0, $1] }
    }
    consider("mean", .mean) { layout.mean(columns.values.row($0), class: $1) }
    if let member = Self.bestMember(spec, columns, judged) {
      consider(spec.members[member].member.name, .member(member)) {
        layout.answer(of: member, columns.values.row($0), class: $1)
      }
    }
    guard let best = leading else { preconditionFailure("the mean is always considered") }
    level = best.level
    assessment = best.assessment
    metrics = Metrics(candidates: tried, chosen: best.name)
  }

  /// The member whose own predictions have the least log loss; nil where there is none beside it, or none that answers
  /// for all classes.
  private static func bestMember(_ spec: StackSpec, _ columns: StackColumns, _ judged: JudgedRows) -> Int? {
    if spec.members.count < 2 { return nil }
    let whole = spec.members.indices.filter { spec.members[$0].member.onlyClass == nil }
    let losses = whole.map { member in
      judged.dataset.classes.names.indices.reduce(0.0) { sum, index in
        let own = judged.rows.map {
          Double(columns.layout.answer(of: member, columns.values.row($0), class: index) ?? 0)
        }
        return sum + LogLoss.mean(own, judged.truth.map { $0[index] })
      }
    }
    return losses.indices.min { losses[$0] < losses[$1] }.map { whole[$0] }
  }

  /// What was chosen and why, for people.
  var sentence: String {
    let chosen =
      switch level {
      case .stack: "the stack"
      case .mean: "the members' mean"
      case .member: "the best member, \(metrics.chosen),"
      }
    let losses = metrics.candidates.map { "\($0.name) \(String(format: "%.5f", $0.logLoss))" }
    return "\(chosen) makes the ensemble; log loss out of fold: \(losses.joined(separator: ", "))"
  }
}
