import Ensemble
import Foundation
import TensorFiles
import TestSupport
import Testing
import Vocabulary
import WorkUnits

/// All units of an ensemble one after the other: members, second level, blend, scores.
enum WholeEnsemble {
  struct Outcome {
    var blend: Blend
    var report: FullReport
    var short: ScoringReport
    var scores: [ClipID: [Float]]
  }

  static func make(
    _ path: BytePath, members: [MemberModel], settings: TrainSettings, in directory: URL
  ) throws -> Outcome {
    func output(_ name: String) throws -> BytePath {
      let url = directory.appending(path: name)
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      return BytePath(url.path)
    }
    func train(_ trainee: TrainSpec.Trainee, _ name: String, folds: Int) throws -> [BytePath] {
      try (0..<folds).map { fold in
        let place = try output("\(name)-\(fold)")
        let spec = TrainSpec(dataset: path, trainee: trainee, fold: fold, settings: settings)
        try TrainWorker.run(spec, output: place) { _ in }
        return place
      }
    }
    let trained = try members.map {
      TrainedMember(member: $0, folds: try train(.member($0), $0.name, folds: settings.folds))
    }
    let stack = try train(.stack(trained), "stack", folds: settings.stackFolds)
    let ensemble = try output("ensemble")
    let spec = StackSpec(dataset: path, members: trained, stack: stack, settings: settings)
    try StackWorker.run(spec, output: ensemble) { _ in }
    func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
      try CanonicalJSON.decode(type, from: Data(contentsOf: URL(filePath: ensemble.appending(name).display)))
    }
    let scores = try output("scores")
    try ScoreWorker.run(
      ScoreSpec(
        dataset: path, members: trained, stack: stack, blend: ensemble.appending(StackSpec.blendName)),
      output: scores
    ) { _ in }
    let blend = try read(Sealed<Blend>.self, StackSpec.blendName).value
    let table = try ClipProbabilities(scores.appending(ScoreSpec.scoresName), classes: blend.priors.count)
    return Outcome(
      blend: blend, report: try read(FullReport.self, FullReport.name),
      short: try read(ScoringReport.self, StackSpec.reportName),
      scores: Dictionary(uniqueKeysWithValues: table.clips.enumerated().map { ($1, Array(table[$0])) }))
  }
}

@Suite struct EnsembleTests {
  private static let both = [
    MemberModel(name: "dense", kind: .dense, inputs: [0], batches: Bench.small),
    MemberModel(name: "only", kind: .dense, inputs: [0], onlyClass: 0, batches: Bench.small),
  ]

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var change: @Sendable (inout SyntheticClips) -> Void
  }

  /// Whatever the labels and features are like: probabilities come out, and a report without a hole.
  @Test(arguments: [
    Case(testDescription: "ordinary clips") { _ in },
    Case(testDescription: "a class without a positive") { $0.labels = { clip, _ in [clip % 2 == 0, false, true] } },
    Case(testDescription: "a class with one positive") {
      $0.labels = { clip, _ in [clip % 2 == 0, clip == 7, false] }
    },
    Case(testDescription: "a class that all clips have") { $0.labels = { clip, _ in [true, clip % 3 == 0, true] } },
    Case(testDescription: "a class in one fold only") {
      $0.labels = { clip, _ in [clip / 3 % 3 == 1, clip % 2 == 0, false] }
    },
    Case(testDescription: "no label is positive") { $0.labels = { _, _ in [false, false, false] } },
    Case(testDescription: "one class") { $0.classes = 1 },
    Case(testDescription: "one labelled clip") { $0.unlabelled = Set(1..<60) },
    Case(testDescription: "two labelled clips in one fold") { $0.unlabelled = Set(2..<60) },
    Case(testDescription: "one clip") { $0.clips = 1 },
    Case(testDescription: "features that are no numbers") { $0.infinite = [0, 1, 30] },
    Case(testDescription: "all features are no numbers") { $0.infinite = Set(0..<60) },
    Case(testDescription: "no clip has features") { $0.missing = Set(0..<60) },
    Case(testDescription: "only clips without a label have features") {
      $0.missing = Set(0..<20)
      $0.unlabelled = Set(20..<60)
    },
  ])
  func everyDataSetGivesProbabilities(_ example: Case) throws {
    try Scratch.with { directory in
      var clips = SyntheticClips()
      example.change(&clips)
      let (dataset, path) = try clips.write(to: directory)
      var settings = TrainSettings(folds: 3, epochs: 2, pseudoLabelEpochs: 1, stackFolds: 2)
      settings.stackFolds = dataset.rows.count { $0.labels != nil } < 2 ? 0 : 2
      let outcome = try WholeEnsemble.make(path, members: Self.both, settings: settings, in: directory)
      #expect(outcome.scores.count == dataset.rows.count)
      for row in dataset.rows {
        let scores = try #require(outcome.scores[row.clip])
        #expect(scores.count == dataset.classes.count && scores.allSatisfy { $0 > 0 && $0 < 1 })
        if row.shards.isEmpty { #expect(scores == outcome.blend.priors) }
      }
      #expect(outcome.short.logLoss.isFinite && outcome.short.secondLevel != nil)
      #expect(outcome.report.members.map(\.name) == ["dense", "only"] && outcome.report.stack.logLoss.value.isFinite)
    }
  }

  /// Nothing at all to learn from is said, not guessed.
  @Test func withoutALabelThereIsNoEnsemble() throws {
    try Scratch.with { directory in
      var clips = SyntheticClips()
      clips.unlabelled = Set(0..<60)
      let (_, path) = try clips.write(to: directory)
      let error = try #require(throws: WorkError.self) {
        try WholeEnsemble.make(
          path, members: Self.both, settings: TrainSettings(folds: 2, epochs: 1, stackFolds: 0), in: directory)
      }
      #expect(error.kind == .input && error.message.contains("not one labelled clip"))
    }
  }

  /// With enough clips the second level is used, and what it scores is what it was judged on.
  @Test func theSecondLevelScores() throws {
    try Scratch.with { directory in
      var clips = SyntheticClips()

      (clips.clips, clips.seed) = (240, 5)
      let (dataset, path) = try clips.write(to: directory)
      let settings = TrainSettings(folds: 3, epochs: 3, pseudoLabelEpochs: 0, stackFolds: 2)
      let outcome = try WholeEnsemble.make(path, members: Self.both, settings: settings, in: directory)
      #expect(outcome.short.logLoss < outcome.short.priorLogLoss)
      var sum = 0.0
      for row in dataset.rows {
        let (scores, labels) = (try #require(outcome.scores[row.clip]), try #require(row.labels))
        for (probability, isPresent) in zip(scores, labels.present) {
          sum -= log(Double(isPresent ? probability : 1 - probability))
        }
      }
      // Clips that were trained on are answered no worse than out of fold.
      #expect(sum / Double(dataset.rows.count * dataset.classes.count) < outcome.short.logLoss * 1.1)
    }
  }
}
