package import Foundation

/// Every run that is known, newest first: `GET /v1/runs`.
package struct RunList: Codable, Sendable, Equatable {
  package struct Run: Codable, Sendable, Equatable {
    package enum State: String, Codable, Sendable {
      /// Planned or under way.
      case training
      /// What new clips are scored with.
      case current
      /// Finished, and followed by another.
      case earlier
    }

    /// Its folder below `runs`.
    package var run: String
    package var state: State
    package var plannedAt: Date
    package var finishedAt: Date?
    /// Labelled clips that it learns from.
    package var clips: Int
    /// Mean over the classes by its out-of-fold predictions, and the same for answering every prior.
    package var logLoss: Double?
    package var priorLogLoss: Double?

    package init(
      run: String, state: State, plannedAt: Date, finishedAt: Date?, clips: Int, logLoss: Double?, priorLogLoss: Double?
    ) {
      self.run = run
      self.state = state
      self.plannedAt = plannedAt
      self.finishedAt = finishedAt
      self.clips = clips
      self.logLoss = logLoss
      self.priorLogLoss = priorLogLoss
    }
  }

  package var runs: [Run]

  package init(runs: [Run]) { self.runs = runs }
}
