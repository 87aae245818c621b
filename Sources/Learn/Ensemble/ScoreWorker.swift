internal import Foundation
internal import Networks
internal import TensorFiles
package import Vocabulary
package import WorkUnits

/// Scores clips with a finished ensemble: the mean over the members of the mean over their folds, then the blend.
package enum ScoreWorker {
  /// Writes `scores.safetensors` into `output`. A clip whose features are missing or no numbers gets the priors.
  ///
  /// A clip's probabilities depend on the clip and the ensemble alone.
  ///
  /// - Throws: `WorkError` when a fold's weights, the blend or a shard is missing or damaged.
  package static func run(_ spec: ScoreSpec, output: BytePath, progress: ProgressReport) throws {
    let dataset = try WorkFiles.dataset(spec.dataset)
    let (rows, classes) = (dataset.rows.count, dataset.classes.count)
    let blend = try readBlend(spec.blend, classes: classes)
    var sums = [Double](repeating: 0, count: rows * classes)
    var members = [Int](repeating: 0, count: rows)
    for (index, member) in spec.members.enumerated() {
      try add(member, spec, dataset, to: &sums) { scored, done in
        for row in scored { members[row] += 1 }
        progress(WorkProgress(done: (index * rows + done) / spec.members.count, total: rows, note: member.member.name))
      }
    }
    var probabilities: [Float] = []
    for row in 0..<rows {
      // Without one member's features it would be another ensemble than the one that the blend was found for.
      let isWhole = members[row] == spec.members.count && !spec.members.isEmpty
      for index in 0..<classes {
        let mean = Float(sums[row * classes + index] / Double(max(spec.members.count, 1)))
        probabilities.append(isWhole ? blend.apply(mean, class: index) : blend.priors[index])
      }
    }
    try WorkFiles.write(
      [
        TensorData(name: "probabilities", float32: probabilities, shape: [rows, classes]),
        TensorData(name: "clips", uint8: dataset.rows.flatMap(\.clip.digest.bytes), shape: [rows, 32]),
      ], to: output.appending(ScoreSpec.scoresName))
  }

  /// Adds the mean of one member's folds to the sums, and tells after each batch which rows it was of.
  private static func add(
    _ trained: TrainedMember, _ spec: ScoreSpec, _ dataset: Dataset, to sums: inout [Double],
    _ report: (ArraySlice<Int>, Int) -> Void
  ) throws {
    if dataset.rows.isEmpty { return }
    guard !trained.folds.isEmpty else { throw WorkError(.failure, "\(trained.member.name): no fold to score with") }
    let data = try MemberData(dataset, of: trained.member, path: spec.dataset)
    let networks = try trained.folds.map {
      try MemberNetwork.read($0.appending(TrainSpec.weightsName), for: data, kind: trained.member.kind)
    }
    let usable = try data.usable(Array(dataset.rows.indices))
    let (classes, share) = (dataset.classes.count, 1 / Double(networks.count))
    var done = 0
    try Predictor(data).forEachBatch(of: usable, networks) { rows, logits in
      for (position, row) in rows.enumerated() {
        for index in 0..<classes {
          let sum = logits.reduce(0) { $0 + 1 / (1 + exp(-Double($1[position * classes + index]))) }
          sums[row * classes + index] += sum * share
        }
      }
      done += rows.count
      report(rows, done)
    }
  }

  private static func readBlend(_ path: BytePath, classes: Int) throws -> Blend {
    let blend = try WorkFiles.decode(Blend.self, path)
    guard blend.priors.count == classes, blend.lowest.count == classes, blend.highest.count == classes else {
      throw WorkError(.input, "\(path): not a blend of \(classes) classes; remove it to have it found again")
    }
    return blend
  }
}
