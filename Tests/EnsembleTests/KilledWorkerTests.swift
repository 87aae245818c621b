import Ensemble
import Foundation
import TestSupport
import Testing
import Vocabulary
import WorkUnits

/// The real worker, killed by SIGKILL after each epoch.
@Suite struct KilledWorkerTests {
  private static let worker = Checkout.products.appending(path: "primatrix-worker")

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: worker.path), "primatrix-worker is not built beside the tests"))
  func killedAtEachEpochItEndsInTheSameBytes() throws {
    try Scratch.with { directory in
      var clips = SyntheticClips()
      clips.unlabelled = Set(40..<60)
      let (_, path) = try clips.write(to: directory)
      var spec = TrainSpec(dataset: path, trainee: .member(Bench.member), fold: 0, settings: Bench.settings)
      func run(_ name: String, failpoint: String? = nil) throws -> URL {
        let output = directory.appending(path: name)
        try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
        let file = directory.appending(path: "\(name).json")
        try CanonicalJSON.encode(WorkSpec.train(spec)).write(to: file)
        try Command.run(
          Self.worker.path, ["train", "--spec", file.path, "--output", output.path],
          environment: failpoint.map { ["PRIMATRIX_FAILPOINT": $0] } ?? [:])
        return output
      }
      let calm = try run("calm")
      spec.resumption = .init(path: BytePath(directory.path).appending("checkpoint"), interval: 0)
      var deaths = 0
      // Before a checkpoint is in its place, once; then each time one is.
      #expect(throws: Command.Failure.self) { try run("before", failpoint: "publish.staged") }
      while deaths < 20, (try? run("try-\(deaths)", failpoint: "publish.renamed")) == nil { deaths += 1 }
      #expect(deaths == Bench.settings.epochs + Bench.settings.pseudoLabelEpochs, "each life is one epoch")
      for name in [TrainSpec.weightsName, TrainSpec.outOfFoldName, TrainSpec.metricsName] {
        #expect(
          try Data(contentsOf: directory.appending(path: "try-\(deaths)").appending(path: name))
            == Data(contentsOf: calm.appending(path: name)), "\(name)")
      }
    }
  }
}
