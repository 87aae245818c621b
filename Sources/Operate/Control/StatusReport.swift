package import Foundation
package import Vocabulary

/// What `GET /v1/status` answers and `primatrixctl status --json` prints. Times are ISO 8601, amounts in the unit that the
/// name says.
package struct StatusReport: Codable, Sendable, Equatable {
  package var version: String
  package var pid: Int32
  package var stateDirectory: BytePath
  package var startedAt: Date
  /// One sentence: what it is at.
  package var headline: String
  /// False when nothing is under way and nothing will be begun before something new arrives.
  package var working: Bool
  /// True after `primatrixctl pause`.
  package var paused: Bool
  /// In the order of the flow.
  package var stages: [StageStatus]
  package var sources: [SourceStatus]
  package var clips: ClipCounts
  package var ensemble: EnsembleStatus?
  package var submission: SubmissionStatus?
  package var problems: [ProblemStatus]
  /// The dashboard's address; nil where there is none.
  package var dashboard: String?

  package init(
    version: String, pid: Int32, stateDirectory: BytePath, startedAt: Date, headline: String, working: Bool,
    paused: Bool = false, stages: [StageStatus], sources: [SourceStatus], clips: ClipCounts, ensemble: EnsembleStatus?,
    submission: SubmissionStatus?, problems: [ProblemStatus], dashboard: String? = nil
  ) {
    self.version = version
    self.pid = pid
    self.stateDirectory = stateDirectory
    self.startedAt = startedAt
    self.headline = headline
    self.working = working
    self.paused = paused
    self.stages = stages
    self.sources = sources
    self.clips = clips
    self.ensemble = ensemble
    self.submission = submission
    self.problems = problems
    self.dashboard = dashboard
  }
}
