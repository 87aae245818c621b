package import Foundation
package import Vocabulary

/// A submission on disk, as `latest.json` describes it.
package struct PublishedSubmission: Sendable, Codable, Equatable {
  /// Absolute; the record on disk holds the file's name only, so that a state directory may be moved.
  package var path: BytePath
  package var digest: Digest
  package var rows: Int
  /// Rows answered with the priors, how many for which reason, and the first names of each.
  package var rowsFromPriors: Int
  package var reasons: [Reason]
  package var run: String
  package var logLoss: Double?
  package var priorLogLoss: Double?
  package var publishedAt: Date
  /// False when the same bytes were the newest already. Not in the record: it says something of a call, not of a file.
  package var isNew = true

  private enum CodingKeys: String, CodingKey {
    case path, digest, rows, rowsFromPriors, reasons, run, logLoss, priorLogLoss, publishedAt
  }

  package struct Reason: Sendable, Codable, Equatable {
    package var reason: String
    package var rows: Int
    package var names: [BytePath]
  }
}
