import Foundation
import Settings
import Testing
import Vocabulary
import WorkUnits

/// Which models there are for which backbones.
@Suite struct MemberTableTests {
  private static func sets(_ list: [(name: String, frames: Int, width: Int)]) -> [Dataset.FeatureSet] {
    list.map {
      Dataset.FeatureSet(
        backbone: $0.name, fingerprint: StageKey(Digest(of: Data($0.name.utf8))), frames: $0.frames, width: $0.width)
    }
  }

  private static let four = sets([
    ("resnet152", 45, 3840), ("inception_resnet_v2", 45, 3488), ("inception_v4", 45, 2944), ("nasnetalarge", 30, 8064),
  ])
  private static let motion = sets([("builtin/motion", 45, 124)])

  private static func classes(_ names: String...) throws -> ClassList { try ClassList(names) }

  /// Models, inputs, classes and batches of the reference solution, and 193 columns of its 24 classes.
  @Test func theReferencesFourGiveItsNine() throws {
    let names = ["bird", "blank"] + (2..<24).map { "class \($0)" }
    let models = MemberTable.members(Self.four, classes: try ClassList(names), EnsembleSettings())
    #expect(
      models.map(\.name) == [
        "resnet152-rnn", "inception_resnet_v2-rnn", "inception_v4-rnn", "resnet152-dense",
        "inception_resnet_v2-dense", "inception_v4-dense", "nasnetalarge-dense", "concat-dense", "concat-blank",
      ])
    #expect(models.map(\.kind) == Array(repeating: .rnn, count: 3) + Array(repeating: .dense, count: 6))
    #expect(models.map(\.inputs) == [[0], [1], [2], [0], [1], [2], [3], [0, 1, 2], [0, 1, 2]])
    let sizes = models.map { [$0.batches.plain, $0.batches.labelled, $0.batches.unlabelled] }
    #expect(sizes == Array(repeating: [64, 44, 20], count: 6) + [[48, 36, 12], [48, 32, 16], [48, 32, 16]])
    #expect(models.map(\.onlyClass) == Array(repeating: nil, count: 8) + [1])
    #expect(models.reduce(0) { $0 + $1.classes(of: 24).count } == 193)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var sets: [Dataset.FeatureSet]
    var classes = ["blank", "bird"]
    var chosen: [String]?
    var models: [String]
  }

  @Test(arguments: [
    Case(testDescription: "one backbone", sets: motion, models: ["motion-rnn", "motion-dense"]),
    Case(
      testDescription: "two cannot be joined", sets: Array(four.prefix(2)),
      models: ["resnet152-rnn", "inception_resnet_v2-rnn", "resnet152-dense", "inception_resnet_v2-dense"]),
    Case(
      testDescription: "no class blank", sets: Array(four.prefix(3)), classes: ["bird"],
      chosen: ["concat-dense", "concat-blank"], models: ["concat-dense"]),
    Case(
      testDescription: "three of different frames", sets: Array(four.suffix(3)),
      models: [
        "inception_resnet_v2-rnn", "inception_v4-rnn", "inception_resnet_v2-dense", "inception_v4-dense",
        "nasnetalarge-dense",
      ]),
    Case(
      testDescription: "named, in the table's order", sets: four, chosen: ["resnet152-dense", "nasnetalarge-rnn"],
      models: ["nasnetalarge-rnn", "resnet152-dense"]),
  ])
  func othersGiveWhatTheyAllow(_ example: Case) throws {
    var settings = EnsembleSettings()
    settings.models = example.chosen
    let models = MemberTable.members(example.sets, classes: try ClassList(example.classes), settings)
    #expect(models.map(\.name) == example.models)
    #expect(MemberTable.problems(example.sets, settings).isEmpty)
  }

  @Test(arguments: [(32, [32, 22, 10]), (2, [2, 1, 0]), (128, [128, 88, 40])])
  func allBatchesFollowTheSetting(_ batch: Int, _ sizes: [Int]) throws {
    var settings = EnsembleSettings()
    settings.batch = batch
    let batches = MemberTable.members(Self.motion, classes: try Self.classes("bird"), settings)[0].batches
    #expect([batches.plain, batches.labelled, batches.unlabelled] == sizes)
  }

  @Test func aModelThatIsNotThereIsNamed() {
    var settings = EnsembleSettings()
    settings.models = ["motion-dense", "motion-lstm"]
    let problems = MemberTable.problems(Self.motion, settings)
    #expect(problems.count == 1 && problems[0].contains("\"motion-lstm\"") && problems[0].contains("motion-rnn"))
  }
}
