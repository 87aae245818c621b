internal import Durability
package import Foundation
package import Vocabulary

/// Publishes submissions into the output directory: the CSV under a name of its own, then `latest.json`, then `latest.csv`
/// as a link to it. A crash between two steps leaves `latest.csv` at a whole file; the next call completes the rest.
package struct Publisher: Sendable {
  private let directory: BytePath

  package init(directory: BytePath) { self.directory = directory }

  package static let link = "latest.csv"
  package static let record = "latest.json"

  /// Publishes unless the newest submission has the same bytes already.
  ///
  /// - Throws: `SubmissionError`, or `DurabilityError` when the disk does not take it.
  package func publish(
    _ submission: Submission, run: String, logLoss: Double?, priorLogLoss: Double?, now: Date
  ) throws -> PublishedSubmission {
    let bytes = try submission.csv()
    let digest = Digest(of: Data(bytes))
    let reasons = Self.reasons(submission.rows)
    var published = PublishedSubmission(
      path: directory.appending("submission-\(Self.stamp(now))-\(digest.short).csv"), digest: digest,
      rows: submission.rows.count, rowsFromPriors: reasons.reduce(0) { $0 + $1.rows }, reasons: reasons, run: run,
      logLoss: logLoss, priorLogLoss: priorLogLoss,
      publishedAt: Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down)))
    if let newest = newest(), newest.digest == digest {
      published.path = newest.path
      published.publishedAt = newest.publishedAt
      published.isNew = false
    } else if let path = file(with: digest) {
      // A crash came before its record, or an earlier submission is true again.
      published.path = path
    } else {
      try Durability.publish(bytes, at: published.path)
    }
    try write(published)
    try Durability.replaceSymlink(at: directory.appending(Self.link), target: published.path.lastComponent)
    return published
  }

  /// What `latest.json` says, when its file is there and whole.
  package func newest() -> PublishedSubmission? {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    guard let data = FileManager.default.contents(atPath: directory.appending(Self.record).display),
      var newest = try? decoder.decode(PublishedSubmission.self, from: data)
    else { return nil }
    newest.path = directory.appending(newest.path.lastComponent)
    guard let csv = FileManager.default.contents(atPath: newest.path.display), Digest(of: csv) == newest.digest
    else { return nil }
    return newest
  }

  /// A submission with this content, whatever its record.
  private func file(with digest: Digest) -> BytePath? {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.display)) ?? []
    let candidates = names.filter { $0.hasPrefix("submission-") && $0.hasSuffix("-\(digest.short).csv") }
    return candidates.sorted().map { directory.appending($0) }.last { path in
      FileManager.default.contents(atPath: path.display).map { Digest(of: $0) } == digest
    }
  }

  private func write(_ published: PublishedSubmission) throws {
    var record = published
    record.path = published.path.lastComponent
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    encoder.dateEncodingStrategy = .iso8601
    try Durability.publish(
      Array(try encoder.encode(record)) + [UInt8(ascii: "\n")], at: directory.appending(Self.record))
  }

  private static let namesShown = 20

  private static func reasons(_ rows: [Submission.Row]) -> [PublishedSubmission.Reason] {
    var reasons: [String: PublishedSubmission.Reason] = [:]
    for row in rows {
      guard case .prior(let reason) = row.answer else { continue }
      reasons[reason, default: .init(reason: reason, rows: 0, names: [])].rows += 1
      if let count = reasons[reason]?.names.count, count < namesShown { reasons[reason]?.names.append(row.name) }
    }
    return reasons.values.sorted { ($1.rows, $0.reason) < ($0.rows, $1.reason) }
  }

  /// `20261124T140302Z`
  private static func stamp(_ date: Date) -> String {
    date.formatted(
      .iso8601.year().month().day().dateSeparator(.omitted).time(includingFractionalSeconds: false).timeSeparator(
        .omitted)) + "Z"
  }
}
