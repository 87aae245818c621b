import Ensemble
import Foundation
import TensorFiles
import TestSupport
import Testing
import Vocabulary
import WorkUnits

@Suite struct ScoreWorkerTests {
  /// Position and neighbours change not a bit of a clip's answer.
  @Test func aClipsScoreDependsOnTheClipAlone() throws {
    try Scratch.with { directory in
      var clips = SyntheticClips()
      (clips.clips, clips.classes, clips.widths) = (75, 24, [130])
      let (dataset, path) = try clips.write(to: directory)
      let fold = try Bench.train(path, in: directory)
      let blend = try Bench.writeBlend(priors: Array(repeating: 0.1, count: 24), in: directory)
      let all = try Bench.score(path, [fold], blend: blend, in: directory)
      #expect(Set(all.values).count == 75, "the scores tell the clips apart")
      func same(_ rows: [Dataset.Row], _ what: String) throws {
        var other = dataset
        other.rows = rows
        let path = BytePath(directory.path).appending("some.json")
        try SyntheticClips.write(other, to: path)
        let scores = try Bench.score(path, [fold], blend: blend, in: directory)
        #expect(scores.count == rows.count && scores.allSatisfy { all[$0.key] == $0.value }, "\(what)")
      }
      try same(dataset.rows.reversed(), "backwards")
      for count in [1, 2, 3, 7, 31, 32, 33, 64] { try same(Array(dataset.rows.prefix(count)), "the first \(count)") }
      for first in 0..<12 { try same(Array(dataset.rows[first..<first + 40]), "from row \(first) on") }
      try same([dataset.rows[74]], "one alone")
      try same([], "none")
    }
  }

  @Test func theAnswerIsTheMeanOfTheFoldsBlended() throws {
    try Scratch.with { directory in
      let (dataset, path) = try SyntheticClips().write(to: directory)
      let folds = try (0..<2).map { try Bench.train(path, fold: $0, in: directory) }
      let identity = try Bench.writeBlend(priors: [0.5, 0.5, 0.5], in: directory)
      let first = try Bench.score(path, [folds[0]], blend: identity, in: directory)
      let second = try Bench.score(path, [folds[1]], blend: identity, in: directory)
      let blend = Blend(
        priors: [0.5, 0.1, 0.2], shrink: 0.25, lowest: [0.3, 0, 0], highest: [0.6, 1, 0.5])
      let path2 = BytePath(directory.path).appending("other.json")
      try CanonicalJSON.encode(Sealed(blend)).write(to: URL(filePath: path2.display))
      let both = try Bench.score(path, folds, blend: path2, in: directory)
      for row in dataset.rows {
        let (one, two) = (try #require(first[row.clip]), try #require(second[row.clip]))
        for index in 0..<3 {
          let expected = blend.apply((one[index] + two[index]) / 2, class: index)
          #expect(abs(try #require(both[row.clip])[index] - expected) < 1e-6)
        }
      }
    }
  }

  @Test func clipsWithoutUsableFeaturesGetThePriors() throws {
    try Scratch.with { directory in
      let (_, path) = try SyntheticClips().write(to: directory)
      let fold = try Bench.train(path, in: directory)
      var clips = SyntheticClips()
      (clips.clips, clips.seed, clips.missing, clips.infinite) = (40, 9, [3], [35])
      let (dataset, other) = try clips.write(to: directory, name: "new")
      let blend = try Bench.writeBlend(priors: [0.5, 0.25, 0.125], in: directory)
      let scores = try Bench.score(other, [fold], blend: blend, in: directory)
      let bare = [3, 35].map { ClipID(Digest(of: Data("9 \($0)".utf8))) }
      for row in dataset.rows {
        #expect((scores[row.clip] == [0.5, 0.25, 0.125]) == bare.contains(row.clip))
      }
    }
  }

  /// A network that overflows has no say, and neither has what the others say without it.
  @Test func anAnswerThatIsNoNumberBecomesThePriors() throws {
    try Scratch.with { directory in
      let (dataset, path) = try SyntheticClips().write(to: directory)
      let folds = try (0..<2).map { try Bench.train(path, fold: $0, in: directory) }
      try Bench.overflow(folds[1].appending(TrainSpec.weightsName))
      let blend = try Bench.writeBlend(priors: [0.5, 0.25, 0.125], in: directory)
      let output = directory.appending(path: "scores")
      try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
      let spec = ScoreSpec(
        dataset: path, members: [TrainedMember(member: Bench.member, folds: folds)], blend: blend)
      try ScoreWorker.run(spec, output: BytePath(output.path)) { _ in }
      let scores = try ClipProbabilities(BytePath(output.path).appending(ScoreSpec.scoresName), classes: 3)
      #expect(scores.priors == dataset.rows.count)
      #expect(scores.clips.indices.allSatisfy { Array(scores[$0]) == [0.5, 0.25, 0.125] })
      let broken = Blend(priors: [0.25], shrink: 0, lowest: [0], highest: [1])
      #expect(broken.apply(.nan, class: 0) == 0.25 && broken.apply(.infinity, class: 0) == 0.25)
    }
  }

  @Test func weightsOfAnotherNetworkAreRefused() throws {
    try Scratch.with { directory in
      let (dataset, path) = try SyntheticClips().write(to: directory)
      let fold = try Bench.train(path, in: directory)
      let blend = try Bench.writeBlend(priors: [0.5, 0.5, 0.5], in: directory)
      var other = dataset
      other.classes = try ClassList(["class 0", "class 2", "class 1"])
      let changed = BytePath(directory.path).appending("changed.json")
      try SyntheticClips.write(other, to: changed)
      let error = try #require(throws: WorkError.self) {
        try Bench.score(changed, [fold], blend: blend, in: directory)
      }
      #expect(error.message.contains("train again"))
      let few = try Bench.writeBlend(priors: [0.5], in: directory)
      #expect(throws: WorkError.self) { try Bench.score(path, [fold], blend: few, in: directory) }
    }
  }
}
