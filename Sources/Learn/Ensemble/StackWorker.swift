internal import Foundation
internal import Numerics
internal import Scoring
internal import TensorFiles
package import Vocabulary
package import WorkUnits

/// Chooses how the members become one by their out-of-fold predictions, finds the blend and judges the ensemble.
package enum StackWorker {
  /// Writes what `StackSpec` lists into `output`.
  ///
  /// - Throws: `WorkError` when a fold's predictions are missing, damaged, or not of the clips that the fold holds out.
  package static func run(_ spec: StackSpec, output: BytePath, progress: ProgressReport) throws {
    let dataset = try WorkFiles.dataset(spec.dataset)
    let judged = try JudgedRows(dataset, path: spec.dataset)
    guard !spec.members.isEmpty else { throw WorkError(.failure, "\(spec.dataset): no member to judge") }
    let columns = try StackColumns(outOfFold: spec.members, dataset)
    let choice = try LevelChoice(spec, columns, judged)
    let assessment = choice.assessment
    // A member that answers for one class alone is judged as if it answered the priors for the others.
    let members = spec.members.indices.map { place in
      Assessment.Member(name: spec.members[place].member.name) {
        judged.answers { row, index in
          columns.layout.answer(of: place, columns.values.row(judged.rows[row]), class: index).map(Double.init)
            ?? assessment.priorAnswers[row][index]
        }
      }
    }
    let previous = spec.previous.flatMap { judged.previous($0) }
    let total = members.count + 1
    var reports: (short: ScoringReport, full: FullReport)
    do {
      reports = try assessment.reports(members: members, previous: previous, seed: spec.settings.seed) {
        progress(WorkProgress(done: $0, total: total))
      }
    } catch {
      throw WorkError(.failure, "\(error)")
    }
    reports.short.secondLevel = choice.sentence
    try WorkFiles.write(Sealed(assessment.blend(choice.level)), to: output.appending(StackSpec.blendName))
    try WorkFiles.write(choice.metrics, to: output.appending(StackSpec.metricsName))
    try WorkFiles.write(
      ClipProbabilities(
        clips: judged.rows.map { dataset.rows[$0].clip }, classes: dataset.classes.count,
        values: assessment.answers.flatMap { $0.map { Float($0) } }), to: output.appending(StackSpec.answersName))
    try WorkFiles.write(reports.short, to: output.appending(StackSpec.reportName))
    try WorkFiles.write(reports.full, to: output.appending(FullReport.name))
  }
}

/// The rows that an ensemble is judged on: those with a label.
struct JudgedRows {
  let dataset: Dataset
  /// In the data set's order.
  let rows: [Int]
  /// [rows][classes]
  let truth: [[Bool]]
  /// The members'.
  let folds: [Int]

  init(_ dataset: Dataset, path: BytePath) throws {
    let all = dataset.rows
    rows = all.indices.filter { all[$0].labels != nil }
    guard !rows.isEmpty else { throw WorkError(.input, "\(path): not one labelled clip to judge by") }
    truth = rows.compactMap { all[$0].labels?.present }
    folds = try rows.map {
      guard let fold = all[$0].fold else { throw WorkError(.failure, "\(path): clip \(all[$0].clip) has no fold") }
      return fold
    }
    self.dataset = dataset
  }

  /// [rows][classes]
  func answers(_ answer: (_ row: Int, _ class: Int) -> Double) -> [[Double]] {
    rows.indices.map { row in dataset.classes.names.indices.map { answer(row, $0) } }
  }

  /// What an earlier run had answered for these clips. Nil when it cannot be read: it may have been removed since, and no
  /// run waits for a comparison.
  func previous(_ previous: StackSpec.Previous) -> FullAssessment.Previous? {
    guard let theirs = try? ClipProbabilities(previous.answers, classes: dataset.classes.count) else { return nil }
    let places = Dictionary(theirs.clips.enumerated().map { ($1, $0) }) { first, _ in first }
    return FullAssessment.Previous(
      name: previous.name,
      predictions: rows.map { row in places[dataset.rows[row].clip].map { theirs[$0].map(Double.init) } })
  }
}
