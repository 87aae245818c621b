import Ensemble
import Foundation
import TestSupport
import Testing
import Vocabulary
import WorkUnits

/// A unit that is killed between two epochs goes on there, and ends in the bytes of one that nobody disturbed.
@Suite struct ResumptionTests {
  private static let products = [TrainSpec.weightsName, TrainSpec.outOfFoldName, TrainSpec.metricsName]

  /// Trains a unit and keeps each checkpoint that it published on the way.
  private static func train(
    _ spec: TrainSpec, in directory: URL, name: String
  ) throws -> (products: [Data], checkpoints: [Data], epochs: [Int]) {
    let output = directory.appending(path: name)
    try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
    let notes = Notes()
    let place = spec.resumption?.path
    try TrainWorker.run(spec, output: BytePath(output.path)) { progress in
      notes.take(progress, beside: place.flatMap { FileManager.default.contents(atPath: $0.display) })
    }
    let all = try products.map { try Data(contentsOf: output.appending(path: $0)) }
    return (all, notes.checkpoints, notes.all.compactMap(\.epoch?.number))
  }

  private static func members(_ path: BytePath, in directory: URL) throws -> TrainSpec.Trainee {
    let folds = try (0..<3).map { try Bench.train(path, fold: $0, in: directory) }
    return .stack([TrainedMember(member: Bench.member, folds: folds)])
  }

  @Test(arguments: ["dense", "rnn", "stack"]) func aKilledUnitEndsInTheSameBytes(_ kind: String) throws {
    try Scratch.with { directory in
      var clips = SyntheticClips()
      clips.unlabelled = Set(40..<60)
      let (_, path) = try clips.write(to: directory)
      let trainee: TrainSpec.Trainee =
        kind == "stack"
        ? try Self.members(path, in: directory)
        : .member(
          MemberModel(
            name: "drawn", kind: try #require(.init(rawValue: kind)), inputs: [0], batches: Bench.small))
      var spec = TrainSpec(dataset: path, trainee: trainee, fold: 0, settings: Bench.settings)
      let calm = try Self.train(spec, in: directory, name: "calm")
      let place = BytePath(directory.path).appending("checkpoint")
      spec.resumption = .init(path: place, interval: 0)
      let watched = try Self.train(spec, in: directory, name: "watched")
      #expect(watched.products == calm.products)
      #expect(watched.checkpoints.count >= 4)
      for (epoch, checkpoint) in watched.checkpoints.enumerated() {
        try checkpoint.write(to: URL(filePath: place.display))
        let resumed = try Self.train(spec, in: directory, name: "resumed-\(epoch)")
        #expect(resumed.products == calm.products, "taken up after epoch \(epoch + 1)")
        #expect(resumed.epochs.allSatisfy { $0 > epoch + 1 }, "no epoch is trained twice")
      }
    }
  }

  /// What is damaged, of another network or of nothing at all, is no checkpoint.
  @Test func whatIsNoCheckpointIsPassedOver() throws {
    try Scratch.with { directory in
      let (_, path) = try SyntheticClips().write(to: directory)
      var spec = TrainSpec(dataset: path, trainee: .member(Bench.member), fold: 0, settings: Bench.settings)
      let calm = try Self.train(spec, in: directory, name: "calm")
      let place = BytePath(directory.path).appending("checkpoint")
      spec.resumption = .init(path: place, interval: 0)
      let good = try #require(try Self.train(spec, in: directory, name: "good").checkpoints.first)
      let weights = try Data(contentsOf: directory.appending(path: "calm").appending(path: TrainSpec.weightsName))
      for (index, bad) in [Data(), Data("nonsense".utf8), good.prefix(good.count / 2), weights].enumerated() {
        try bad.write(to: URL(filePath: place.display))
        #expect(try Self.train(spec, in: directory, name: "bad-\(index)").products == calm.products, "\(index)")
      }
      try good.write(to: URL(filePath: place.display))
      var other = spec
      other.trainee = .member(MemberModel(name: "other", kind: .rnn, inputs: [0]))
      other.resumption = nil
      let calmOther = try Self.train(other, in: directory, name: "calm other")
      other.resumption = spec.resumption
      #expect(try Self.train(other, in: directory, name: "other").products == calmOther.products)
    }
  }

  /// Nothing is written down more often than asked.
  @Test func quickEpochsAreNotWrittenDown() throws {
    try Scratch.with { directory in
      let (_, path) = try SyntheticClips().write(to: directory)
      let place = BytePath(directory.path).appending("checkpoint")
      let spec = TrainSpec(
        dataset: path, trainee: .member(Bench.member), fold: 0, settings: Bench.settings,
        resumption: .init(path: place, interval: 1e9))
      #expect(try Self.train(spec, in: directory, name: "quick").checkpoints.isEmpty)
    }
  }
}
