import Foundation
import Scoring
import Testing
import Vocabulary
import WorkUnits

/// Drawn predictions of drawn clips.
private struct Drawn {
  var classes: [String]
  var truth: [[Bool]]
  var predictions: [[Double]]

  /// - Parameters:
  ///   - shares: of the clips that have each class; the first class is blank.
  ///   - digits: predictions are rounded to tenths, so that many are equal, or not at all.
  init(clips: Int, shares: [Double], seed: UInt64, isRounded: Bool = false, sharpness: Double = 0.6) {
    var random = SplitMix64(seed: seed)
    classes = shares.indices.map { $0 == 0 ? "blank" : "class \($0)" }
    truth = (0..<clips).map { _ in shares.map { Double(random.uniform()) < $0 } }
    predictions = truth.map { row in
      row.map { isPresent in
        let value = sharpness * (isPresent ? 1 : 0) + (1 - sharpness) * Double(random.uniform())
        return isRounded ? (value * 10).rounded() / 10 : value
      }
    }
  }

  func answers(_ name: String = "m") throws -> Answers {
    try Answers(name: name, rows: predictions, classes: classes.count)
  }

  func assessment(seed: UInt64 = 5) throws -> FullAssessment {
    let priors = try Answers(
      name: "priors", rows: truth.map { _ in classes.map { _ in 0.3 } }, classes: classes.count)
    return FullAssessment(truth: truth, classes: classes, priors: priors, seed: seed)
  }

  /// The clips of a resample written out, as a set of its own.
  func resample(_ index: Int, _ resamples: Resamples) -> Drawn {
    var drawn = self
    let clips = truth.indices.flatMap { Array(repeating: $0, count: resamples.weight(of: $0, in: index)) }
    drawn.truth = clips.map { truth[$0] }
    drawn.predictions = clips.map { predictions[$0] }
    return drawn
  }
}

@Suite struct ResamplesTests {
  @Test func everyResampleHasAsManyClips() {
    let resamples = Resamples(clips: 300, seed: 4)
    for index in 0...Resamples.drawn {
      let weights = (0..<300).map { resamples.weight(of: $0, in: index) }
      #expect(weights.reduce(0, +) == 300)
      if index == 0 { #expect(weights.allSatisfy { $0 == 1 }) } else { #expect(weights.count { $0 == 0 } > 60) }
    }
    #expect(Resamples.drawn >= 200)
  }

  @Test func theSeedDecides() {
    func weights(_ seed: UInt64) -> [Int] {
      let resamples = Resamples(clips: 50, seed: seed)
      return (0..<50).map { resamples.weight(of: $0, in: 17) }
    }
    #expect(weights(1) == weights(1) && weights(1) != weights(2))
  }
}

@Suite struct FullAssessmentTests {
  /// The intervals are those of judging every resample as a set of its own, the slow way.
  @Test(arguments: [false, true]) func intervalsAreThoseOfTheResamplesThemselves(_ isRounded: Bool) throws {
    let drawn = Drawn(clips: 60, shares: [0.5, 0.2, 0.3], seed: 2, isRounded: isRounded)
    let model = try drawn.assessment(seed: 11).judge(try drawn.answers())
    let resamples = Resamples(clips: 60, seed: 11)
    let all = try (1...Resamples.drawn).map { index -> FullReport.Model in
      let own = drawn.resample(index, resamples)
      return try own.assessment().judge(try own.answers())
    }
    func expect(_ found: FullReport.Estimate?, _ what: String, _ value: (FullReport.Model) -> Double?) throws {
      let interval = try #require(found?.interval, "\(what)")
      let values = all.compactMap(value).sorted()
      for (share, bound) in [(0.025, interval.low), (0.975, interval.high)] {
        let place = share * Double(values.count - 1)
        let (low, high) = (values[Int(place)], values[min(Int(place) + 1, values.count - 1)])
        #expect(bound > low - 1e-5 && bound < high + 1e-5, "\(what): \(bound) is not in \(low)...\(high)")
      }
    }
    try expect(model.logLoss, "log loss") { $0.logLoss.value }
    try expect(model.overPriors, "over the priors") { $0.overPriors.value }
    try expect(model.averagePrecision, "mean average precision") { $0.averagePrecision?.value }
    try expect(model.rocAUC, "mean area") { $0.rocAUC?.value }
    try expect(model.topClass, "top class") { $0.topClass.value }
    try expect(model.calibration.error, "calibration") { $0.calibration.error.value }
    for index in drawn.classes.indices {
      try expect(model.classes[index].logLoss, "log loss of \(index)") { $0.classes[index].logLoss.value }
      try expect(model.classes[index].averagePrecision, "precision of \(index)") {
        $0.classes[index].averagePrecision?.value
      }
      try expect(model.classes[index].rocAUC, "area of \(index)") { $0.classes[index].rocAUC?.value }
      try expect(model.classes[index].calibration.error, "calibration of \(index)") {
        $0.classes[index].calibration.error.value
      }
      try expect(model.classes[index].topClass, "top class of \(index)") { $0.classes[index].topClass?.value }
    }
    for (place, cut) in try #require(model.blankFilter).cuts.enumerated() {
      try expect(cut.removed, "blank at \(cut.lost)") { $0.blankFilter?.cuts[place].removed.value }
    }
  }

  struct Degenerate: Sendable, CustomTestStringConvertible {
    var name: String
    var positives: [Int]
    var clips: Int
    var testDescription: String { name }
  }

  @Test(arguments: [
    Degenerate(name: "no positive", positives: [0, 10], clips: 20),
    Degenerate(name: "one positive", positives: [1, 10], clips: 20),
    Degenerate(name: "all positive", positives: [20, 10], clips: 20),
    Degenerate(name: "one clip with all", positives: [1, 1], clips: 1),
    Degenerate(name: "one clip with none", positives: [0, 0], clips: 1),
    Degenerate(name: "nothing at all", positives: [0, 0], clips: 40),
  ])
  func whatIsNotDefinedIsNotANumberNowhere(_ example: Degenerate) throws {
    let truth = (0..<example.clips).map { clip in example.positives.map { clip < $0 } }
    let predictions = truth.indices.map { clip in example.positives.indices.map { Double((clip + $0) % 7) / 6 } }
    let answers = try Answers(name: "m", rows: predictions, classes: 2)
    let assessment = FullAssessment(truth: truth, classes: ["blank", "a"], priors: answers, seed: 1)
    let report = try assessment.report(stack: answers, members: [assessment.judge(answers)])
    // JSON has no word for what is no number: encoding would throw.
    #expect(try CanonicalJSON.decode(FullReport.self, from: CanonicalJSON.encode(report)) == report)
    for (index, positives) in example.positives.enumerated() {
      let score = report.stack.classes[index]
      let isMixed = positives > 0 && positives < example.clips
      #expect((score.averagePrecision == nil) == (positives == 0) && (score.rocAUC != nil) == isMixed)
      #expect((score.topClass == nil) == (positives == 0))
      if min(positives, example.clips - positives) < 5 { #expect(score.averagePrecision?.interval == nil) }
    }
    let blanks = example.positives[0]
    #expect((report.stack.blankFilter != nil) == (blanks > 0 && blanks < example.clips))
  }

  @Test func theBlankFilterNeedsAClassOfThatName() throws {
    var drawn = Drawn(clips: 50, shares: [0.5, 0.2], seed: 2)
    #expect(try drawn.assessment().judge(try drawn.answers()).blankFilter != nil)
    drawn.classes[0] = "Blank"
    #expect(try drawn.assessment().judge(try drawn.answers()).blankFilter == nil)
  }

  @Test func theBlankFiltersCurveGoesThroughItsCuts() throws {
    let drawn = Drawn(clips: 400, shares: [0.6, 0.4], seed: 3)
    let filter = try #require(try drawn.assessment().judge(try drawn.answers()).blankFilter)
    #expect(filter.curve.count == 201 && filter.curve.last == 1 && filter.curve == filter.curve.sorted())
    for cut in filter.cuts { #expect(filter.curve[cut.lost * 2] == cut.removed.value) }
    #expect(filter.blanks + filter.animals == 400)
  }

  @Test func aClipsOwnClassOnTopIsNoConfusion() throws {
    let truth = [[true, true, false], [true, false, false], [false, false, false], [true, true, false]]
    let predictions = [[0.2, 0.9, 0.1], [0.1, 0.2, 0.9], [0.5, 0.5, 0.1], [0.1, 0.1, 0.8]]
    let answers = try Answers(name: "m", rows: predictions, classes: 3)
    let model = FullAssessment(truth: truth, classes: ["a", "b", "c"], priors: answers, seed: 1).judge(answers)
    #expect(model.confusion == [[0, 0, 2], [0, 1, 1], [0, 0, 0], [1, 0, 0]])
    #expect(model.topClass.value == 0.25 && model.classes[1].topClass?.value == 0.5)
  }

  @Test func theRunBeforeIsComparedOnTheClipsOfBoth() throws {
    let drawn = Drawn(clips: 200, shares: [0.5, 0.3], seed: 6, sharpness: 0.8)
    let worse = Drawn(clips: 200, shares: [0.5, 0.3], seed: 6, sharpness: 0.5)
    let known = worse.predictions.enumerated().map { $0 < 150 ? $1 : nil }
    let report = try drawn.assessment().report(
      stack: try drawn.answers(), members: [], previous: .init(name: "before", predictions: known))
    let comparison = try #require(report.previous)
    #expect(comparison.clips == 150 && comparison.name == "before")
    let own = drawn.classes.indices.map { index in
      LogLoss.mean(drawn.predictions.prefix(150).map { $0[index] }, drawn.truth.prefix(150).map { $0[index] })
    }
    #expect(abs(comparison.logLoss - (own[0] + own[1]) / 2) < 1e-12)
    #expect(abs(comparison.previousLogLoss - comparison.logLoss - comparison.gain.value) < 1e-12)
    let interval = try #require(comparison.gain.interval)
    #expect(interval.low > 0 && interval.low < comparison.gain.value && comparison.gain.value < interval.high)
    let without = try drawn.assessment().report(
      stack: try drawn.answers(), members: [],
      previous: .init(name: "strangers", predictions: Array(repeating: nil, count: 200)))
    #expect(without.previous == nil)
  }

  @Test func modelsStandInTheirOrder() throws {
    let drawn = Drawn(clips: 40, shares: [0.5, 0.3], seed: 6)
    let assessment = try drawn.assessment()
    let report = try assessment.report(
      stack: drawn.answers("stack"), members: ["a", "b"].map { assessment.judge(try drawn.answers($0)) })
    #expect(report.members.map(\.name) == ["a", "b"] && report.stack.name == "stack")
    #expect(report.members[0].logLoss == report.stack.logLoss)
    #expect(abs(report.stack.overPriors.value - (report.priorLogLoss.value - report.stack.logLoss.value)) < 1e-12)
  }

  @Test(arguments: [Double.nan, .infinity, -0.1, 1.1])
  func whatIsNoProbabilityIsRefused(_ value: Double) {
    #expect(throws: Answers.Problem.self) { try Answers(name: "m", rows: [[0.5], [value]], classes: 1) }
    #expect(throws: Answers.Problem.self) { try Answers(name: "m", rows: [[0.5, 0.5]], classes: 1) }
  }

  /// As many clips as the contest has labels of. Prints how long a model takes.
  @Test(
    .enabled(
      if: ProcessInfo.processInfo.environment["PRIMATRIX_TEST_LARGE"] != nil,
      "200,000 clips take seconds and 300 MB; set PRIMATRIX_TEST_LARGE=1"))
  func manyClipsTakeSeconds() throws {
    let drawn = Drawn(clips: 200_000, shares: [0.6] + Array(repeating: 0.02, count: 23), seed: 1)
    let clock = ContinuousClock()
    let answers = try drawn.answers()
    var assessment: FullAssessment?
    let preparing = try clock.measure { assessment = try drawn.assessment() }
    let judging = clock.measure { _ = assessment?.judge(answers) }
    print("200,000 clips of 24 classes: \(preparing) to draw the resamples and judge the priors, \(judging) a model")
  }
}
