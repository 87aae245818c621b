import Foundation
import Scoring
import Testing
import Vocabulary
import WorkUnits

@Suite struct LogLossTests {
  @Test func itIsTheContestsMetric() {
    #expect(abs(LogLoss.mean([0.8, 0.3], [true, false]) - (-log(0.8) - log(0.7)) / 2) < 1e-12)
    #expect(abs(LogLoss.of(0.5, true) - log(2)) < 1e-12)
    // A certain mistake is dear, not infinite.
    #expect(abs(LogLoss.of(0, true) - 15 * log(10)) < 1e-6 && LogLoss.of(1, false).isFinite)
    #expect(LogLoss.of(1, true) < 1e-12)
  }

  @Test(arguments: [(0, 0, 0.5), (0, 9, 0.05), (9, 9, 0.95), (60, 99, 0.605)])
  func priorsAreNeverCertain(_ positives: Int, _ clips: Int, _ share: Double) {
    #expect(abs(Priors.share(positives: positives, of: clips) - share) < 1e-12)
  }
}

@Suite struct BlendSearchTests {
  /// Predictions of `clips` clips that are right with probability `confidence`, for one class with half of them.
  private static func draw(
    _ clips: Int, confidence: Double, right: Double
  ) -> (predictions: [[Double]], truth: [[Bool]]) {
    var random = SplitMix64(seed: 4)
    let truth = (0..<clips).map { [$0 % 2 == 0] }
    let predictions = truth.map { present in
      let isRight = Double(random.uniform()) < right
      return [present[0] == isRight ? confidence : 1 - confidence]
    }
    return (predictions, truth)
  }

  @Test func whatIsAsSureAsItIsRightStays() {
    let (predictions, truth) = Self.draw(4000, confidence: 0.9, right: 0.9)
    let blend = BlendSearch.find(predictions, truth, priors: [0.5])
    #expect(blend.shrink <= 0.05)
    for value: Float in [0.1, 0.5, 0.9] { #expect(abs(blend.apply(value, class: 0) - value) < 0.03) }
  }

  @Test func whatIsTooSureIsDrawnBack() {
    let (predictions, truth) = Self.draw(4000, confidence: 0.999, right: 0.8)
    let blend = BlendSearch.find(predictions, truth, priors: [0.5])
    #expect(abs(blend.apply(0.999, class: 0) - 0.8) < 0.04 && abs(blend.apply(0.001, class: 0) - 0.2) < 0.04)
  }

  @Test func whatIsNoBetterThanChanceBecomesThePrior() {
    let (predictions, truth) = Self.draw(1000, confidence: 0.9, right: 0.5)
    let blend = BlendSearch.find(predictions, truth, priors: [0.5])
    #expect(blend.shrink >= 0.9)
    #expect(abs(blend.apply(0.9, class: 0) - 0.5) < 0.1)
  }

  /// No mistake seen yet is no proof that there will be none.
  @Test(arguments: [(10, 0.2), (100, 0.03), (10_000, 5e-4)])
  func fewClipsAllowNoCertainty(_ clips: Int, _ most: Double) {
    let (predictions, truth) = Self.draw(clips, confidence: 1, right: 1)
    let blend = BlendSearch.find(predictions, truth, priors: [0.5])
    let distance = 1 - Double(blend.apply(1, class: 0))
    #expect(distance > 0.1 / Double(clips) && distance < most)
    #expect(abs(Double(blend.apply(0, class: 0)) - distance) < 1e-6)
  }

  @Test func boundsHoldEachOther() {
    for (predictions, truth) in [([], []), ([[0.5]], [[true]]), ([[0.0], [1.0]], [[true], [false]])] {
      let blend = BlendSearch.find(predictions, truth, priors: [0.3])
      #expect(blend.lowest[0] <= blend.highest[0] && blend.lowest[0] > 0 && blend.highest[0] < 1)
    }
  }
}

@Suite struct AssessmentTests {
  /// Two folds, the second of which contradicts what the first teaches: judged on the other fold, nothing is gained.
  @Test func aFoldIsJudgedByWhatTheOthersTeach() {
    let folds = (0..<200).map { $0 % 2 }
    let truth = (0..<200).map { [$0 % 2 == 0] }
    let predictions = truth.map { _ in [0.5] }
    let report = Assessment(predictions: predictions, truth: truth, folds: folds, classes: ["a"]).report()
    // Fold 0 has positives only: its prior, from fold 1, is as wrong as can be.
    #expect(abs(report.priorLogLoss + log(0.5 / 101)) < 1e-9)
    #expect(report.logLoss > log(2) - 1e-9)
    #expect(report.clips == 200 && report.classes[0].positives == 100)
  }

  @Test func lossesAreMeansOverTheClasses() throws {
    let truth = (0..<100).map { [$0 % 2 == 0, false] }
    let predictions = truth.map { [$0[0] ? 0.9 : 0.1, 0.01] }
    let report = try Assessment(
      predictions: predictions, truth: truth, folds: (0..<100).map { $0 / 2 % 5 }, classes: ["a", "b"]
    )
    .reports(members: [.init(name: "m") { predictions }], previous: nil, seed: 1).short
    #expect(report.members[0].name == "m")
    #expect(abs(report.members[0].logLoss + (log(0.9) + log(0.99)) / 2) < 1e-9)
    #expect(abs(report.logLoss - (report.classes[0].logLoss + report.classes[1].logLoss) / 2) < 1e-12)
    #expect(report.logLoss < report.priorLogLoss)
  }

  /// The short report and the full one are about the same answers.
  @Test func bothReportsAgree() throws {
    let truth = (0..<100).map { [$0 % 2 == 0, $0 % 7 == 0] }
    let predictions = truth.map { [$0[0] ? 0.9 : 0.1, $0[1] ? 0.4 : 0.01] }
    let assessment = Assessment(
      predictions: predictions, truth: truth, folds: (0..<100).map { $0 / 2 % 5 }, classes: ["a", "b"])
    let (short, full) = try assessment.reports(
      members: [.init(name: "m") { predictions }], previous: nil, seed: 1)
    #expect(abs(short.logLoss - full.stack.logLoss.value) < 1e-12)
    #expect(abs(short.priorLogLoss - full.priorLogLoss.value) < 1e-12)
    #expect(abs(short.members[0].logLoss - full.members[0].logLoss.value) < 1e-12)
    #expect(short.classes.map(\.positives) == full.stack.classes.map(\.positives) && full.stack.name == "ensemble")
    #expect(short.logLoss == assessment.report().logLoss)
    let interval = try #require(full.stack.logLoss.interval)
    #expect(interval.low < short.logLoss && short.logLoss < interval.high)
  }

  @Test func oneFoldAndNoPositivesAreJudgedToo() {
    let report = Assessment(predictions: [[0.2], [0.1]], truth: [[false], [false]], folds: [0, 0], classes: ["a"])
      .report()
    #expect(report.logLoss.isFinite && report.priorLogLoss.isFinite)
  }

  /// The predictions of one member at a time are in memory.
  @Test func aMembersPredictionsAreMadeWhenItIsJudged() throws {
    let truth = (0..<40).map { [$0 % 2 == 0] }
    let assessment = Assessment(
      predictions: truth.map { _ in [0.5] }, truth: truth, folds: (0..<40).map { $0 / 2 % 2 }, classes: ["a"])
    var steps: [String] = []
    let members = ["one", "two"].map { name in
      Assessment.Member(name: name) {
        steps.append(name)
        return truth.map { [$0[0] ? 0.9 : 0.2] }
      }
    }
    let (short, full) = try assessment.reports(members: members, previous: nil, seed: 1) { steps.append("\($0)") }
    #expect(steps == ["one", "1", "two", "2", "3"])
    #expect(short.members.map(\.name) == ["one", "two"] && full.members.map(\.name) == ["one", "two"])
  }
}
