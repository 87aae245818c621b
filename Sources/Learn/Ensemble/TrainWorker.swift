internal import Foundation
internal import Networks
internal import Numerics
internal import Scoring
internal import TensorFiles
package import Vocabulary
package import WorkUnits

/// Trains one network, of the first level or the second, on all folds but one and predicts the one.
package enum TrainWorker {
  /// Writes `weights.safetensors`, `out-of-fold.safetensors` and `metrics.json` into `output`.
  ///
  /// The bytes depend on the clips, their features, metadata and labels, the trainee and the settings: not on the order
  /// of the data set's rows (which `rows` alone refers to), nor on where the features lie, nor on how often a unit was
  /// killed before.
  ///
  /// - Throws: `WorkError` when the data set or a shard is missing, damaged or contradicts itself.
  package static func run(_ spec: TrainSpec, output: BytePath, progress: ProgressReport) throws {
    let lesson = try Lesson(spec)
    let checkpoint = spec.resumption.map { Checkpoint($0, staging: output) }
    let start = lesson.priorLoss()
    var trainer = Trainer(
      learner: lesson.learner, recipe: lesson.recipe, targets: lesson.targets, rows: lesson.division.rows,
      seed: lesson.seed, checkpoint: checkpoint, isWarm: spec.weights != nil)
    // Weights that give no number are to be beaten no more than the priors.
    let begin = try spec.weights == nil ? start : trainer.validationLoss() ?? start
    let course = try trainer.run(start: begin, progress: progress)

    try NetworkFile.write(lesson.learner.network, lesson.design, to: output.appending(TrainSpec.weightsName))
    let unpredicted = try writeOutOfFold(lesson, to: output.appending(TrainSpec.outOfFoldName))
    let rows = lesson.division.rows
    let metrics = TrainMetrics(
      clips: .init(
        training: rows.training.count, validation: rows.validation.count, unlabelled: rows.unlabelled.count,
        withoutFeatures: lesson.withoutFeatures, withoutPrediction: unpredicted),
      batch: lesson.recipe.batch, priorValidationLoss: start, epochs: course.epochs, bestEpoch: course.bestEpoch)
    try WorkFiles.write(metrics, to: output.appending(TrainSpec.metricsName))
  }

  /// Every held-out row has its logits; one without usable features has the priors', and so has one for which the network
  /// has no number. Returns how many the latter are.
  private static func writeOutOfFold(_ lesson: Lesson, to path: BytePath) throws -> Int {
    let (held, classes) = (lesson.division.held, lesson.shares.count)
    let predicted = try lesson.learner.logits(of: lesson.division.rows.validation, outputs: classes)
    var logits = held.flatMap { _ in lesson.shares.map { Float(logOdds($0)) } }
    let places = Dictionary(uniqueKeysWithValues: held.enumerated().map { ($1, $0) })
    var unpredicted = 0
    for (position, row) in lesson.division.rows.validation.enumerated() {
      guard let place = places[row] else { continue }
      guard Vectors.areFinite(predicted.row(position), count: classes) else {
        unpredicted += 1
        continue
      }
      for index in 0..<classes { logits[place * classes + index] = predicted[position, index] }
    }
    try WorkFiles.write(
      [
        TensorData(name: "logits", float32: logits, shape: [held.count, classes]),
        TensorData(name: "rows", int32: held.map { Int32($0) }, shape: [held.count]),
      ], to: path)
    return unpredicted
  }
}
