import Ensemble
import Foundation
import TestSupport
import Testing
import Vocabulary
import WorkUnits

@Suite struct TrainWorkerTests {
  /// What `metrics.json` says, as far as tests ask.
  struct Metrics: Decodable {
    struct Clips: Decodable {
      var training, validation, unlabelled, withoutFeatures, withoutPrediction: Int
    }

    struct Epoch: Decodable {
      var pseudoLabels: Int
      var trainingLoss: Double?
      var validationLoss: Double?
    }

    var clips: Clips
    var batch: Int
    var priorValidationLoss: Double?
    var epochs: [Epoch]
    var bestEpoch: Int

    init(_ fold: BytePath) throws {
      self = try JSONDecoder().decode(Metrics.self, from: try Bench.bytes(fold, TrainSpec.metricsName))
    }
  }

  @Test func whatCanBeLearnedIsLearned() throws {
    try Scratch.with { directory in
      var clips = SyntheticClips()
      clips.clips = 120
      let (dataset, path) = try clips.write(to: directory)
      let notes = Notes()
      let fold = try Bench.train(path, settings: TrainSettings(folds: 3, epochs: 12), in: directory) { notes.take($0) }
      let metrics = try Metrics(fold)
      #expect(metrics.clips.training == 78 && metrics.clips.validation == 42 && metrics.batch == 16)
      let prior = try #require(metrics.priorValidationLoss)
      let best = try #require(metrics.epochs[metrics.bestEpoch - 1].validationLoss)
      #expect(best < prior / 3)
      #expect(best == metrics.epochs.compactMap(\.validationLoss).min())
      // At the end of each epoch its loss is told.
      let told = notes.all.filter { $0.done % 78 == 0 }
      #expect(told.map(\.epoch?.number) == Array(1...metrics.epochs.count))
      #expect(told.map(\.epoch?.loss) == metrics.epochs.map(\.validationLoss))
      #expect(notes.all.allSatisfy { $0.total == 12 * 78 && $0.epoch?.total == 12 })
      // The predictions are of the kept epoch.
      let (rows, logits) = try Bench.outOfFold(fold)
      let losses = zip(rows, logits).flatMap { row, logits in
        zip(logits, dataset.rows[Int(row)].labels?.present ?? []).map { z, present in
          log1p(exp(Double(present ? -z : z)))
        }
      }
      #expect(abs(losses.reduce(0, +) / Double(losses.count) - best) < 1e-6)
    }
  }

  /// Training that goes on from weights never ends in worse ones.
  @Test(arguments: [Float(1e-4), 0.3]) func weightsAreGoneOnWith(rate: Float) throws {
    try Scratch.with { directory in
      var clips = SyntheticClips()
      clips.clips = 120
      let (_, path) = try clips.write(to: directory)
      let begun = try Bench.train(path, settings: TrainSettings(folds: 3, epochs: 8), in: directory)
      let weights = begun.appending(TrainSpec.weightsName)
      let settings = TrainSettings(folds: 3, epochs: 2, pseudoLabelEpochs: 0, learningRate: rate)
      let ended = try Bench.train(path, settings: settings, weights: weights, in: directory, name: "warm")
      let (before, after) = (try Metrics(begun), try Metrics(ended))
      #expect(after.epochs.count == 2 && after.priorValidationLoss == before.priorValidationLoss)
      let least = try #require(before.epochs[before.bestEpoch - 1].validationLoss)
      if after.bestEpoch > 0 {
        #expect(try #require(after.epochs[after.bestEpoch - 1].validationLoss) < least)
      } else {
        #expect(try Bench.bytes(ended, TrainSpec.weightsName) == Bench.bytes(begun, TrainSpec.weightsName))
      }
      // A rate that ruins the weights is not what both rates do.
      #expect(rate < 0.1 || after.bestEpoch == 0)

      var other = clips
      other.widths = [10]
      let (_, narrow) = try other.write(to: directory, name: "narrow")
      let error = #expect(throws: WorkError.self) {
        try Bench.train(narrow, settings: settings, weights: weights, in: directory, name: "other")
      }
      #expect(error?.kind == .input && error?.message.contains("another network") == true)
    }
  }

  /// Weights that were given have labels to give, even if no plain epoch makes better ones.
  @Test func aWarmStartHasPseudoLabels() throws {
    try Scratch.with { directory in
      var clips = SyntheticClips()
      (clips.clips, clips.unlabelled) = (120, Set(80..<120))
      let (_, path) = try clips.write(to: directory)
      let begun = try Bench.train(
        path, settings: TrainSettings(folds: 3, epochs: 8, pseudoLabelEpochs: 0), in: directory)
      // The rate ruins the weights, so that none of the plain epochs is kept.
      let settings = TrainSettings(folds: 3, epochs: 2, pseudoLabelEpochs: 1, learningRate: 0.3)
      let metrics = try Metrics(
        try Bench.train(
          path, settings: settings, weights: begun.appending(TrainSpec.weightsName), in: directory, name: "warm"))
      #expect(metrics.epochs.map { $0.pseudoLabels > 0 } == [false, false, true] && metrics.bestEpoch == 0)
    }
  }

  /// The loss before the last step may be a number when the weights after it are none: a variance beyond float32 here.
  @Test(arguments: [0, 7]) func weightsThatAreNoNumbersAreNotKept(fold: Int) throws {
    try Scratch.with { directory in
      var (dataset, path) = try SyntheticClips().write(to: directory)
      let row = try #require(dataset.rows.firstIndex { $0.fold != fold })
      dataset.rows[row].metadata[0] = 1e30
      try SyntheticClips.write(dataset, to: path)
      let trained = try Bench.train(path, fold: fold, in: directory)
      let metrics = try Metrics(trained)
      #expect(metrics.bestEpoch == 0 && metrics.epochs.map(\.trainingLoss) == [nil])
      // What it began with answers the priors, and can be read.
      let blend = try Bench.writeBlend(priors: [0.5, 0.5, 0.5], in: directory)
      let scores = try Bench.score(path, [trained], blend: blend, in: directory)
      #expect(scores.values.allSatisfy { $0.allSatisfy(\.isFinite) })
    }
  }

  /// A network that gives no number for a clip: the clip has the priors, and the file says that it was so.
  @Test func predictionsThatAreNoNumbersBecomeThePriors() throws {
    try Scratch.with { directory in
      let (_, path) = try SyntheticClips().write(to: directory)
      let begun = try Bench.train(path, in: directory)
      let weights = begun.appending(TrainSpec.weightsName)
      try Bench.overflow(weights)
      let fold = try Bench.train(path, weights: weights, in: directory, name: "warm")
      let (rows, logits) = try Bench.outOfFold(fold)
      let metrics = try Metrics(fold)
      #expect(metrics.bestEpoch == 0 && metrics.clips.withoutPrediction == rows.count)
      let prior = try #require(logits.first)
      #expect(logits.allSatisfy { $0 == prior && $0.allSatisfy(\.isFinite) })
    }
  }

  /// Pure noise: nothing is better than the priors, and then they are what stays.
  @Test func whatCannotBeLearnedIsLeftAtThePriors() throws {
    try Scratch.with { directory in
      var clips = SyntheticClips()
      clips.clips = 40
      clips.labels = { clip, classes in (0..<classes).map { Digest(of: Data([UInt8(clip), UInt8($0)])).bytes[0] < 20 } }
      let (_, path) = try clips.write(to: directory)
      let metrics = try Metrics(try Bench.train(path, in: directory))
      let kept =
        metrics.bestEpoch == 0 ? metrics.priorValidationLoss : metrics.epochs[metrics.bestEpoch - 1].validationLoss
      #expect(try #require(kept) <= (try #require(metrics.priorValidationLoss)))
    }
  }

  @Test func theSameUnitMakesTheSameBytes() throws {
    try Scratch.with { directory in
      var (dataset, path) = try SyntheticClips().write(to: directory)
      let first = try Bench.train(path, in: directory, name: "first")
      let second = try Bench.train(path, in: directory, name: "second")
      for name in [TrainSpec.weightsName, TrainSpec.outOfFoldName, TrainSpec.metricsName] {
        #expect(try Bench.bytes(first, name) == Bench.bytes(second, name), "\(name)")
      }
      // Rows and shards in another order: the same network, and the same logits for each clip.
      let before = dataset
      dataset.rows.reverse()
      dataset.shards.reverse()
      for index in dataset.rows.indices {
        dataset.rows[index].shards = dataset.rows[index].shards.map { dataset.shards.count - 1 - $0 }
      }
      let other = BytePath(directory.path).appending("reversed.json")
      try SyntheticClips.write(dataset, to: other)
      let third = try Bench.train(other, in: directory, name: "third")
      #expect(try Bench.bytes(first, TrainSpec.weightsName) == Bench.bytes(third, TrainSpec.weightsName))
      func byClip(_ fold: BytePath, _ dataset: Dataset) throws -> [ClipID: [Float]] {
        let (rows, logits) = try Bench.outOfFold(fold)
        return Dictionary(uniqueKeysWithValues: zip(rows.map { dataset.rows[Int($0)].clip }, logits))
      }
      #expect(try byClip(first, before) == byClip(third, dataset))
      // Another seed, another fold: other networks.
      var settings = Bench.settings
      settings.seed = 2
      let fourth = try Bench.train(path, settings: settings, in: directory, name: "fourth")
      let fifth = try Bench.train(path, fold: 1, in: directory, name: "fifth")
      for fold in [fourth, fifth] {
        #expect(try Bench.bytes(first, TrainSpec.weightsName) != Bench.bytes(fold, TrainSpec.weightsName))
      }
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var kind = MemberModel.Kind.dense
    var fold = 0
    var inputs = [0]
    var withoutFeatures = 0
    var onlyClass: Int?
    var change: @Sendable (inout SyntheticClips) -> Void
  }

  @Test(
    arguments: [
      Case(testDescription: "one class") { $0.classes = 1 },
      Case(testDescription: "a class without positives") { $0.labels = { clip, _ in [clip % 2 == 0, false, true] } },
      Case(testDescription: "all clips alike") { $0.labels = { _, _ in [true, false, false] } },
      Case(testDescription: "no label is positive") {
        $0.labels = { _, classes in Array(repeating: false, count: classes) }
      },
      Case(testDescription: "one clip a fold") { ($0.clips, $0.fold) = (3, { clip, _ in clip }) },
      Case(testDescription: "one clip") { $0.clips = 1 },
      Case(testDescription: "no clip is held out", fold: 7) { _ in },
      Case(testDescription: "every clip is held out") { $0.fold = { _, _ in 0 } },
      Case(testDescription: "one clip to learn from") { $0.fold = { clip, _ in clip == 0 ? 1 : 0 } },
      Case(testDescription: "no metadata") { $0.metadata = 0 },
      Case(testDescription: "much metadata") { $0.metadata = 33 },
      Case(testDescription: "one frame") { $0.frames = 1 },
      Case(testDescription: "one feature") { $0.widths = [1] },
      Case(testDescription: "two backbones joined", inputs: [1, 0]) { $0.widths = [5, 7] },
      Case(testDescription: "the second of two backbones", inputs: [1]) { $0.widths = [5, 7] },
      Case(testDescription: "infinite features", withoutFeatures: 2) { $0.infinite = [1, 4] },
      Case(testDescription: "no features", withoutFeatures: 3) { $0.missing = [0, 3, 11] },
      Case(testDescription: "no clip has features", withoutFeatures: 60) { $0.missing = Set(0..<60) },
      Case(testDescription: "one class of several", onlyClass: 1) { _ in },
      Case(testDescription: "one clip without a label") { $0.unlabelled = [7] },
      Case(testDescription: "most clips without a label, some of them without features") {
        $0.unlabelled = Set(12..<60)
        ($0.infinite, $0.missing) = ([20], [30])
      },
      Case(testDescription: "all but one clip without a label") { $0.unlabelled = Set(1..<60) },
      Case(testDescription: "recurrent, few clips", kind: .rnn) { $0.clips = 9 },
      Case(testDescription: "recurrent, one frame", kind: .rnn) { ($0.clips, $0.frames) = (9, 1) },
      Case(testDescription: "recurrent, two backbones joined, one class", kind: .rnn, inputs: [0, 1], onlyClass: 2) {
        ($0.clips, $0.widths, $0.metadata) = (9, [5, 7], 0)
      },
      Case(testDescription: "recurrent, odd clips", kind: .rnn, withoutFeatures: 2) {
        ($0.clips, $0.infinite, $0.missing, $0.unlabelled) = (12, [1], [2], [5, 6])
      },
      Case(testDescription: "recurrent, one clip", kind: .rnn) { $0.clips = 1 },
    ])
  func oddDataSetsTrain(_ example: Case) throws {
    try Scratch.with { directory in
      var clips = SyntheticClips()
      example.change(&clips)
      let (dataset, path) = try clips.write(to: directory)
      let member = MemberModel(
        name: "drawn", kind: example.kind, inputs: example.inputs, onlyClass: example.onlyClass, batches: Bench.small)
      var settings = Bench.settings
      (settings.epochs, settings.pseudoLabelEpochs) = (2, 1)
      let fold = try Bench.train(path, fold: example.fold, member: member, settings: settings, in: directory)
      let (rows, logits) = try Bench.outOfFold(fold)
      let held = dataset.rows.indices.filter { dataset.rows[$0].fold == example.fold }
      #expect(rows.map(Int.init) == held)
      let classes = member.classes(of: dataset.classes.count).count
      #expect(logits.allSatisfy { $0.count == classes && $0.allSatisfy(\.isFinite) })
      #expect(try Metrics(fold).clips.withoutFeatures == example.withoutFeatures)
      let blend = try Bench.writeBlend(priors: Array(repeating: 0.25, count: dataset.classes.count), in: directory)
      let scores = try Bench.score(path, [fold], blend: blend, member: member, in: directory)
      #expect(scores.count == dataset.rows.count)
      #expect(scores.values.allSatisfy { $0.allSatisfy { (0...1).contains($0) } })
    }
  }

  @Test func brokenUnitsSayWhatIsWrong() throws {
    try Scratch.with { directory in
      var clips = SyntheticClips()
      clips.widths = [5, 5]
      let (good, path) = try clips.write(to: directory)
      /// - Parameters:
      ///   - damaged: whether the first shard is to be made again.
      ///   - clip: of one clip alone.
      func fail(
        _ words: String, _ kind: WorkError.Kind, inputs: [Int] = [0], damaged: Bool = false, clip: Bool = false,
        _ change: (inout Dataset) -> Void
      ) throws {
        var dataset = good
        change(&dataset)
        let broken = BytePath(directory.path).appending("broken.json")
        try SyntheticClips.write(dataset, to: broken)
        let error = try #require(throws: WorkError.self) {
          try Bench.train(
            broken, member: MemberModel(name: "m", kind: .dense, inputs: inputs), in: directory, name: "broken")
        }
        #expect(error.kind == kind && error.message.contains(words), "\(error)")
        #expect(error.damaged == (damaged ? dataset.shards[0] : nil), "\(error)")
        #expect((error.damagedClip != nil) == clip, "\(error)")
      }
      try fail("cannot be read", .environment) { $0.shards[0] = "/none.safetensors" }
      try fail("is damaged", .input, damaged: true) { $0.shards[0] = path }
      try fail("has no tensor", .input, damaged: true, clip: true) { $0.shards.swapAt(0, 1) }
      try fail("not [4, 6]", .input, damaged: true, clip: true) { $0.featureSets[0].width = 6 }
      try fail("different numbers of frames", .input, inputs: [0, 1]) { $0.featureSets[1].frames = 3 }
      try fail("feature sets", .failure, inputs: [2]) { _ in }
      try fail("metadata", .failure) { $0.rows[3].metadata.append(1) }
      try fail("labels", .failure) { $0.rows[3].labels = Labels([true]) }
      try fail("no shard", .failure) { $0.rows[3].shards = [0, 99] }
    }
  }
}

/// Collects progress, and what stood in a file at the end of each epoch.
final class Notes: @unchecked Sendable {
  private let lock = NSLock()
  private var notes: [WorkProgress] = []
  private var files: [Data] = []

  func take(_ progress: WorkProgress, beside file: Data? = nil) {
    lock.withLock {
      notes.append(progress)
      if let file, files.last != file { files.append(file) }
    }
  }

  var all: [WorkProgress] { lock.withLock { notes } }
  var checkpoints: [Data] { lock.withLock { files } }
}
