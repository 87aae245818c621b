import Foundation
import Scoring
import TestSupport
import Testing
import Vocabulary
import WorkUnits

/// Numbers that `scripts/golden/scoring.py` had scikit-learn compute.
@Suite struct ScoringGoldenTests {
  struct Golden: Decodable {
    struct Calibration: Decodable {
      var counts: [Int]
      /// Of the bins that are not empty.
      var observed: [Double]
      var predicted: [Double]
      var error: Double
    }

    struct Scores: Decodable {
      var logLoss: Double
      var averagePrecision: Double?
      var rocAUC: Double?
      var calibration: Calibration
    }

    struct Case: Decodable {
      var name: String
      var truth: [Labels]
      var predictions: [[Double]]
      var classes: [Scores]
      var pooled: Calibration
      var topClass: Double
      var confusion: [[Int]]?
      var blank: [String: Double]?
    }

    var cases: [Case]
  }

  static func cases() throws -> [Golden.Case] {
    let path = Checkout.root.appending(path: "Tests/Fixtures/scoring/golden.json")
    return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: path)).cases
  }

  private static func judge(_ golden: Golden.Case) throws -> FullReport.Model {
    let classes = golden.classes.indices.map { $0 == 0 ? "blank" : "class \($0)" }
    let answers = try Answers(name: "m", rows: golden.predictions, classes: classes.count)
    return FullAssessment(truth: golden.truth.map(\.present), classes: classes, priors: answers, seed: 1).judge(answers)
  }

  private static func expectEqual(_ value: Double?, _ expected: Double?, _ what: String) {
    guard let expected else { return #expect(value == nil, "\(what)") }
    #expect(abs((value ?? .infinity) - expected) < 1e-9, "\(what): \(String(describing: value)), not \(expected)")
  }

  private static func expectEqual(_ found: FullReport.Calibration, _ expected: Golden.Calibration, _ what: String) {
    #expect(found.bins.map(\.predictions) == expected.counts, "\(what)")
    let full = found.bins.filter { $0.predictions > 0 }
    for (bin, (observed, predicted)) in zip(full, zip(expected.observed, expected.predicted)) {
      expectEqual(bin.observed, observed, what)
      expectEqual(bin.predicted, predicted, what)
    }
    #expect(found.bins.allSatisfy { ($0.predicted == nil) == ($0.predictions == 0) })
    expectEqual(found.error.value, expected.error, what)
  }

  @Test func scoresAreThoseOfScikitLearn() throws {
    let cases = try Self.cases()
    #expect(cases.count == 5)
    for golden in cases {
      let model = try Self.judge(golden)
      for (score, expected) in zip(model.classes, golden.classes) {
        let what = "\(golden.name), \(score.name)"
        Self.expectEqual(score.logLoss.value, expected.logLoss, what)
        Self.expectEqual(score.averagePrecision?.value, expected.averagePrecision, what)
        Self.expectEqual(score.rocAUC?.value, expected.rocAUC, what)
        Self.expectEqual(score.calibration, expected.calibration, what)
      }
      Self.expectEqual(model.calibration, golden.pooled, golden.name)
      Self.expectEqual(model.topClass.value, golden.topClass, golden.name)
      if let confusion = golden.confusion { #expect(model.confusion.dropLast() == confusion[...]) }
      #expect((model.blankFilter == nil) == (golden.blank == nil))
      for cut in model.blankFilter?.cuts ?? [] {
        Self.expectEqual(cut.removed.value, golden.blank?["\(cut.lost)"], "\(golden.name), \(cut.lost) %")
      }
      let losses = golden.classes.map(\.logLoss)
      Self.expectEqual(model.logLoss.value, losses.reduce(0, +) / Double(losses.count), golden.name)
    }
  }
}
