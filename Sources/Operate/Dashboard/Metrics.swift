package import Control
internal import Foundation

/// The status as Prometheus reads it (text format 0.0.4). Times are seconds since 1970.
package struct Metrics: Sendable {
  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  private enum Kind: String { case gauge, counter }

  private typealias Sample = (labels: [(String, String)], value: Double)

  private let status: StatusReport

  package init(_ status: StatusReport) { self.status = status }

  package var text: String { (daemon + clips + stages + sources + results).joined() }

  private var daemon: [String] {
    [
      family("info", "Which Primatrix answers.", [([("version", status.version)], 1)]),
      family("start_time_seconds", "When the daemon was started.", [seconds(status.startedAt)]),
      family("working", "1 while something is under way or about to begin.", [flag(status.working)]),
      family("paused", "1 after primatrixctl pause.", [flag(status.paused)]),
      family("problems", "Things that stand in the way; status names them.", [([], Double(status.problems.count))]),
    ]
  }

  private var clips: [String] {
    let clips = status.clips
    let states = [
      ("decoded", clips.decoded), ("partial", clips.partial), ("unreadable", clips.unreadable),
      ("pending", clips.pending),
    ]
    return [
      family("clips", "Clips by state.", states.map { ([("state", $0.0)], Double($0.1)) }),
      family("clips_labelled", "Clips with a label and features.", [([], Double(clips.labelled))]),
      family("clips_scored", "Clips that the newest ensemble has scored.", [([], Double(clips.scored))]),
    ]
  }

  private var stages: [String] {
    func each(_ value: (StageStatus) -> Int?) -> [Sample] {
      status.stages.compactMap { stage in value(stage).map { ([("stage", stage.name)], Double($0)) } }
    }
    return [
      family("stage_done", "What a stage has done, in its own measure: clips, folds, sources.", each(\.done)),
      family("stage_total", "What a stage has to do, where that is known.", each(\.total)),
      family("stage_failed", "What a stage could not do.", each(\.failed)),
      family("stage_running", "Units of a stage under way.", each(\.running)),
      family("stage_made_total", "Units that a stage has made since the daemon was started.", each(\.made), .counter),
    ]
  }

  private var sources: [String] {
    func each(_ value: (SourceStatus) -> Int64?) -> [Sample] {
      status.sources.compactMap { source in value(source).map { ([("source", source.id)], Double($0)) } }
    }
    return [
      family("source_bytes", "Bytes of a source that are here.", each(\.bytes)),
      family("source_size_bytes", "Bytes of a source, where that is known.", each(\.totalBytes)),
      family(
        "source_state", "1 for the state that a source is in.",
        status.sources.map { ([("source", $0.id), ("state", $0.state)], 1) }),
    ]
  }

  private var results: [String] {
    let ensemble = status.ensemble
    let submission = status.submission
    func one(_ value: Double?) -> [Sample] { value.map { [([], $0)] } ?? [] }
    return [
      family("ensemble_log_loss", "Mean log loss out of fold of the newest ensemble.", one(ensemble?.logLoss)),
      family("ensemble_prior_log_loss", "That of answering every prior.", one(ensemble?.priorLogLoss)),
      family("ensemble_clips", "Labelled clips that it was judged on.", one(ensemble.map { Double($0.clips) })),
      family("ensemble_finished_seconds", "When it was finished.", ensemble.map { [seconds($0.finishedAt)] } ?? []),
      family("submission_rows", "Rows of the newest submission.", one(submission.map { Double($0.rows) })),
      family(
        "submission_rows_from_priors", "Those of them that are answered with the priors.",
        one(submission.map { Double($0.rowsFromPriors) })),
      family(
        "submission_published_seconds", "When it was published.", submission.map { [seconds($0.publishedAt)] } ?? []),
    ]
  }

  // MARK: the format

  private func flag(_ value: Bool) -> Sample { ([], value ? 1 : 0) }
  private func seconds(_ date: Date) -> Sample { ([], date.timeIntervalSince1970.rounded()) }

  /// A metric with its samples; nothing where it has none.
  private func family(_ name: String, _ help: String, _ samples: [Sample], _ kind: Kind = .gauge) -> String {
    if samples.isEmpty { return "" }
    let name = "primatrix_\(name)"
    let lines = samples.map { sample in
      let labels = sample.labels.map { "\($0.0)=\"\(Self.escape($0.1))\"" }.joined(separator: ",")
      return "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(Self.number(sample.value))\n"
    }
    return "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n" + lines.joined()
  }

  private static func escape(_ text: String) -> String {
    text.replacingOccurrences(of: "\\", with: "\\\\").replacingOccurrences(of: "\"", with: "\\\"")
      .replacingOccurrences(of: "\n", with: "\\n")
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
  }
}
