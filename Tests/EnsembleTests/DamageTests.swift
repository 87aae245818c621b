import Ensemble
import Foundation
import TestSupport
import Testing
import Vocabulary
import WorkUnits

/// A bit that flipped in what a run has made: whoever reads it says which file it is, so that it is made again.
@Suite struct DamageTests {
  /// What a run of one member has made.
  private struct Products {
    let dataset: BytePath
    let folds: [BytePath]
    let ensemble: BytePath

    init(in directory: URL) throws {
      dataset = try SyntheticClips().write(to: directory).path
      folds = try [0, 1, 2].map { [dataset] in try Bench.train(dataset, fold: $0, in: directory) }
      let output = directory.appending(path: "ensemble")
      try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
      ensemble = BytePath(output.path)
      try stack(in: ensemble)
    }

    var blend: BytePath { ensemble.appending(StackSpec.blendName) }

    func stack(in output: BytePath) throws {
      let spec = StackSpec(
        dataset: dataset, members: [TrainedMember(member: Bench.member, folds: folds)], stack: [],
        settings: Bench.settings)
      try StackWorker.run(spec, output: output) { _ in }
    }
  }

  private static func change(_ path: BytePath, _ change: (inout Data) -> Void) throws {
    let url = URL(filePath: path.display)
    var data = try Data(contentsOf: url)
    change(&data)
    try data.write(to: url)
  }

  private static func expectDamage(_ path: BytePath, _ body: () throws -> Void) {
    let error = #expect(throws: WorkError.self, performing: body)
    #expect(error?.damaged == path && error?.kind == .input)
    #expect(error?.message.contains(path.display) == true && error?.message.contains("made again") == true)
  }

  @Test func aFlippedBitIsNoticed() throws {
    try Scratch.with { directory in
      let products = try Products(in: directory)
      func score() throws {
        _ = try Bench.score(products.dataset, products.folds, blend: products.blend, in: directory)
      }
      try score()
      let weights = products.folds[1].appending(TrainSpec.weightsName)
      try Self.change(weights) { $0[$0.count - 2] ^= 4 }
      Self.expectDamage(weights, score)
      Self.expectDamage(weights) {
        _ = try Bench.train(products.dataset, fold: 1, weights: weights, in: directory, name: "warm")
      }
      try Self.change(weights) { $0[$0.count - 2] ^= 4 }
      try score()
      try FileManager.default.removeItem(atPath: weights.display)
      Self.expectDamage(weights, score)
    }
  }

  @Test func soItIsInPredictions() throws {
    try Scratch.with { directory in
      let products = try Products(in: directory)
      let outOfFold = products.folds[2].appending(TrainSpec.outOfFoldName)
      // Among the logits, which are before the rows.
      try Self.change(outOfFold) { $0[$0.count - 4 * 20 - 2] ^= 4 }
      Self.expectDamage(outOfFold) { try products.stack(in: BytePath(directory.path)) }
    }
  }

  @Test func soItIsInABlend() throws {
    try Scratch.with { directory in
      let products = try Products(in: directory)
      try Self.change(products.blend) {
        $0 = Data(String(decoding: $0, as: UTF8.self).replacing("0.", with: "1.", maxReplacements: 1).utf8)
      }
      Self.expectDamage(products.blend) {
        _ = try Bench.score(products.dataset, products.folds, blend: products.blend, in: directory)
      }
    }
  }
}
