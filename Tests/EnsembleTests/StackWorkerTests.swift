import Ensemble
import Foundation
import TensorFiles
import TestSupport
import Testing
import Vocabulary
import WorkUnits

@Suite struct StackWorkerTests {
  /// Out-of-fold logits of two folds and four clips, one class: clips 0 and 2 are held out by fold 0.
  private static func write(
    _ rows: [Int32], _ logits: [Float], shape: [Int]? = nil, to directory: URL, fold: Int
  ) throws
    -> BytePath
  {
    let path = directory.appending(path: "fold-\(fold)-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
    try TensorFile.write(
      [
        TensorData(name: "logits", float32: logits, shape: shape ?? [rows.count, 1]),
        TensorData(name: "rows", int32: rows, shape: [rows.count]),
      ], to: BytePath(path.path).appending(TrainSpec.outOfFoldName))
    return BytePath(path.path)
  }

  private static func spec(
    _ members: [[BytePath]], stack: [BytePath] = [], in directory: URL
  ) throws -> StackSpec {
    var clips = SyntheticClips()
    (clips.clips, clips.classes, clips.folds) = (4, 1, 2)
    clips.labels = { clip, _ in [clip < 2] }
    var (dataset, path) = try clips.write(to: directory, name: UUID().uuidString)
    // Rows are in the order of their digests; give them labels and folds by row.
    for row in dataset.rows.indices {
      dataset.rows[row].labels = Labels([row < 2])
      dataset.rows[row].fold = row % 2
      dataset.rows[row].stackFold = row / 2
    }
    try SyntheticClips.write(dataset, to: path)
    return StackSpec(
      dataset: path,
      members: members.enumerated().map {
        TrainedMember(member: MemberModel(name: "m\($0)", kind: .dense, inputs: [0]), folds: $1)
      }, stack: stack, settings: TrainSettings(folds: 2))
  }

  private static func run(_ spec: StackSpec, in directory: URL) throws -> (Blend, ScoringReport) {
    let (blend, report, _) = try all(spec, in: directory)
    return (blend, report)
  }

  private static func all(_ spec: StackSpec, in directory: URL) throws -> (Blend, ScoringReport, URL) {
    let output = directory.appending(path: "stack-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
    try StackWorker.run(spec, output: BytePath(output.path)) { _ in }
    func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
      try CanonicalJSON.decode(type, from: try Data(contentsOf: output.appending(path: name)))
    }
    return (
      try read(Sealed<Blend>.self, StackSpec.blendName).value, try read(ScoringReport.self, StackSpec.reportName),
      output
    )
  }

  @Test func membersAreJudgedByTheirOutOfFoldLogits() throws {
    try Scratch.with { directory in
      let good = [
        try Self.write([0, 2], [2, -2], to: directory, fold: 0),
        try Self.write([1, 3], [2, -2], to: directory, fold: 1),
      ]
      let bad = [
        try Self.write([0, 2], [-2, 2], to: directory, fold: 0),
        try Self.write([1, 3], [-2, 2], to: directory, fold: 1),
      ]
      let (blend, report) = try Self.run(try Self.spec([good, bad], in: directory), in: directory)
      #expect(report.members.map(\.name) == ["m0", "m1"])
      #expect(abs(report.members[0].logLoss - log1p(exp(-2))) < 1e-6)
      #expect(abs(report.members[1].logLoss - log1p(exp(2))) < 1e-6)
      #expect(report.clips == 4 && report.classes[0].positives == 2 && blend.priors == [0.5])
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// How sure each is of the truth, as a logit.
    var members: [Float]
    var stack: Float?
    var level: Blend.SecondLevel
    var words: String
  }

  /// What is better out of fold makes the ensemble, and the report says so.
  @Test(arguments: [
    Case(testDescription: "a good stack", members: [1, 1], stack: 3, level: .stack, words: "the stack makes"),
    Case(testDescription: "a bad stack", members: [1, 1], stack: -1, level: .mean, words: "the members' mean makes"),
    Case(testDescription: "no stack", members: [1, 1], level: .mean, words: "the members' mean makes"),
    Case(
      testDescription: "one good member", members: [-3, 3], stack: 1, level: .member(1),
      words: "the best member, m1, makes"),
    Case(testDescription: "one member alone", members: [2], stack: 1, level: .mean, words: "out of fold: stack "),
  ])
  func theBestLevelMakesTheEnsemble(_ example: Case) throws {
    try Scratch.with { directory in
      func folds(_ sure: Float, of rows: [[Int32]]) throws -> [BytePath] {
        try rows.enumerated().map { fold, rows in
          try Self.write(rows, rows.map { $0 < 2 ? sure : -sure }, to: directory, fold: fold)
        }
      }
      let members = try example.members.map { try folds($0, of: [[0, 2], [1, 3]]) }
      let stack = try example.stack.map { try folds($0, of: [[0, 1], [2, 3]]) } ?? []
      let (blend, report, output) = try Self.all(
        try Self.spec(members, stack: stack, in: directory), in: directory)
      #expect(blend.level == example.level)
      #expect(report.secondLevel?.contains(example.words) == true, "\(report.secondLevel ?? "")")
      struct Metrics: Decodable {
        struct Candidate: Decodable { var name: String, logLoss: Double }
        var candidates: [Candidate]
        var chosen: String
      }
      let metrics = try JSONDecoder().decode(
        Metrics.self, from: Data(contentsOf: output.appending(path: StackSpec.metricsName)))
      let least = metrics.candidates.min { $0.logLoss < $1.logLoss }
      #expect(least?.name == metrics.chosen && least?.logLoss == report.logLoss)
    }
  }

  /// The run before, on the clips that both know.
  @Test func theRunBeforeIsComparedWith() throws {
    try Scratch.with { directory in
      let folds = [
        try Self.write([0, 2], [2, -2], to: directory, fold: 0),
        try Self.write([1, 3], [2, -2], to: directory, fold: 1),
      ]
      var spec = try Self.spec([folds], in: directory)
      let clips = try CanonicalJSON.decode(
        Dataset.self, from: Data(contentsOf: URL(filePath: spec.dataset.display))
      ).rows.map(\.clip)
      let answers = BytePath(directory.path).appending("answers.safetensors")
      try ClipProbabilities(clips: Array(clips.prefix(2)), classes: 1, values: [0.5, 0.5]).write(to: answers)
      spec.previous = .init(name: "before", answers: answers)
      func full(_ spec: StackSpec) throws -> FullReport {
        let output = try Self.all(spec, in: directory).2
        return try CanonicalJSON.decode(
          FullReport.self, from: Data(contentsOf: output.appending(path: FullReport.name)))
      }
      let comparison = try #require(try full(spec).previous)
      #expect(comparison.name == "before" && comparison.clips == 2)
      #expect(abs(comparison.previousLogLoss - log(2)) < 1e-6)
      spec.previous?.answers = BytePath(directory.path).appending("gone.safetensors")
      #expect(try full(spec).previous == nil, "one that is gone is not waited for")
    }
  }

  @Test func predictionsOfOtherClipsAreRefused() throws {
    try Scratch.with { directory in
      let second = try Self.write([1, 3], [2, -2], to: directory, fold: 1)
      func fail(_ rows: [Int32], _ logits: [Float], shape: [Int]? = nil, _ words: String) throws {
        let first = try Self.write(rows, logits, shape: shape, to: directory, fold: 0)
        let error = try #require(throws: WorkError.self) {
          try Self.run(try Self.spec([[first, second]], in: directory), in: directory)
        }
        #expect(error.message.contains(words), "\(error)")
      }
      try fail([0], [2], "no out-of-fold prediction")
      try fail([0, 1], [2, 2], "holds row 1, which is not one of fold 0")
      try fail([0, 2, 2], [2, 2, 2], "holds row 2")
      try fail([0, 9], [2, 2], "holds row 9")
      try fail([0, 2], [2, 2, 2, 2], shape: [2, 2], "of 1 classes")
      try fail([0, 2], [2, .nan], "not a number")
    }
  }
}
