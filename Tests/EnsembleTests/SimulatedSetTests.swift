import Ensemble
import Foundation
import TestSupport
import Testing
import Vocabulary
import WorkUnits

/// `scripts/make-simulated-features.py` writes what the workers read.
@Suite struct SimulatedSetTests {
  @Test func aSimulatedSetIsTrainedStackedAndScored() throws {
    try Scratch.with { scratch in
      let set = scratch.appending(path: "set")
      try Command.run(
        Checkout.root.appending(path: "scripts/make-simulated-features.py").path,
        [set.path, "--clips", "400", "--unlabelled", "60", "--backbones", "2", "--width", "24", "--folds", "2"])
      let settings = TrainSettings(folds: 2, epochs: 3, pseudoLabelEpochs: 0)
      let member = MemberModel(name: "simulated-dense", kind: .dense, inputs: [0, 1])
      let dataset = BytePath(set.appending(path: "dataset.json").path)
      let folds = try (0..<2).map {
        try Bench.train(dataset, fold: $0, member: member, settings: settings, in: scratch)
      }
      let stack = scratch.appending(path: "stack")
      try FileManager.default.createDirectory(at: stack, withIntermediateDirectories: true)
      let spec = StackSpec(
        dataset: dataset, members: [TrainedMember(member: member, folds: folds)], stack: [], settings: settings)
      try StackWorker.run(spec, output: BytePath(stack.path)) { _ in }
      let report = try CanonicalJSON.decode(
        ScoringReport.self, from: Data(contentsOf: stack.appending(path: StackSpec.reportName)))
      #expect(report.clips == 400 && report.classes.count == 24 && report.logLoss < report.priorLogLoss)
      let scores = try Bench.score(
        BytePath(set.appending(path: "unlabelled.json").path), folds,
        blend: BytePath(stack.appending(path: StackSpec.blendName).path), member: member, in: scratch)
      #expect(scores.count == 60 && scores.values.allSatisfy { $0.count == 24 && $0.allSatisfy(\.isFinite) })
    }
  }
}
