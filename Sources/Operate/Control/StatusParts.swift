package import Foundation
package import Vocabulary

/// One unit of work under way.
package struct UnitStatus: Codable, Sendable, Equatable {
  package var name: String
  /// In the unit's own measure: clips, rows of all epochs.
  package var done: Int
  package var total: Int?
  /// Of a training: the epoch it is in, how many there may be, and the mean log loss of the held-out clips after the one
  /// before.
  package var epoch: Int?
  package var epochs: Int?
  package var logLoss: Double?
  package var secondsLeft: Double?

  package init(
    name: String, done: Int, total: Int? = nil, epoch: Int? = nil, epochs: Int? = nil, logLoss: Double? = nil,
    secondsLeft: Double? = nil
  ) {
    self.name = name
    self.done = done
    self.total = total
    self.epoch = epoch
    self.epochs = epochs
    self.logLoss = logLoss
    self.secondsLeft = secondsLeft
  }
}

/// One stage of the flow.
package struct StageStatus: Codable, Sendable, Equatable {
  package var name: String
  /// Clips for extract and score, folds for train, sources for download and unpack.
  package var done: Int
  /// Nil where nobody knows.
  package var total: Int?
  package var failed: Int
  /// Units under way.
  package var running: Int
  /// Units made since the daemon started: 0 where everything was found done.
  package var made: Int
  package var unitsPerMinute: Double?
  package var secondsLeft: Double?
  /// What it is at: a clip.
  package var note: String?
  /// Those under way, by name.
  package var units: [UnitStatus]

  package init(
    name: String, done: Int, total: Int?, failed: Int, running: Int, made: Int, unitsPerMinute: Double?,
    secondsLeft: Double?, note: String?, units: [UnitStatus] = []
  ) {
    self.name = name
    self.done = done
    self.total = total
    self.failed = failed
    self.running = running
    self.made = made
    self.unitsPerMinute = unitsPerMinute
    self.secondsLeft = secondsLeft
    self.note = note
    self.units = units
  }
}

/// One source.
package struct SourceStatus: Codable, Sendable, Equatable {
  package var id: String
  /// waiting, downloading (and unpacking what has come), paused, unpacking, seeding, complete or failed.
  package var state: String
  package var bytes: Int64
  package var totalBytes: Int64?
  package var bytesPerSecond: Double?
  package var secondsLeft: Double?
  package var uploadBytesPerSecond: Double?
  /// Of a torrent: connected peers, and those of them that have everything.
  package var peers: Int?
  package var seeds: Int?
  /// Of the web: mirrors in use.
  package var mirrors: Int?
  /// How far from its beginning everything is there: what can be unpacked already.
  package var prefixBytes: Int64?
  /// Files that came out of it, and those left out.
  package var members: Int?
  package var rejects: Int?
  /// The first of them, with their reasons.
  package var firstRejects: [String]?
  /// What it waits for.
  package var note: String?
  package var problem: String?

  package init(
    id: String, state: String, bytes: Int64, totalBytes: Int64?, bytesPerSecond: Double? = nil,
    secondsLeft: Double? = nil, uploadBytesPerSecond: Double? = nil, peers: Int? = nil, seeds: Int? = nil,
    mirrors: Int? = nil, prefixBytes: Int64? = nil, members: Int? = nil, rejects: Int? = nil,
    firstRejects: [String]? = nil, note: String? = nil, problem: String? = nil
  ) {
    self.id = id
    self.state = state
    self.bytes = bytes
    self.totalBytes = totalBytes
    self.bytesPerSecond = bytesPerSecond
    self.secondsLeft = secondsLeft
    self.uploadBytesPerSecond = uploadBytesPerSecond
    self.peers = peers
    self.seeds = seeds
    self.mirrors = mirrors
    self.prefixBytes = prefixBytes
    self.members = members
    self.rejects = rejects
    self.firstRejects = firstRejects
    self.note = note
    self.problem = problem
  }
}

/// How many clips are in which state.
package struct ClipCounts: Codable, Sendable, Equatable {
  package var total: Int
  package var decoded: Int
  /// Decoding broke off, what was decoded is used.
  package var partial: Int
  /// Without a single frame.
  package var unreadable: Int
  /// On disk, features still to be extracted.
  package var pending: Int
  /// With a label and features.
  package var labelled: Int
  /// By the newest ensemble.
  package var scored: Int

  package init(total: Int, decoded: Int, partial: Int, unreadable: Int, pending: Int, labelled: Int, scored: Int) {
    self.total = total
    self.decoded = decoded
    self.partial = partial
    self.unreadable = unreadable
    self.pending = pending
    self.labelled = labelled
    self.scored = scored
  }
}

/// One class of the newest ensemble.
package struct ClassStatus: Codable, Sendable, Equatable {
  package var name: String
  package var positives: Int
  package var logLoss: Double
  package var priorLogLoss: Double

  package init(name: String, positives: Int, logLoss: Double, priorLogLoss: Double) {
    self.name = name
    self.positives = positives
    self.logLoss = logLoss
    self.priorLogLoss = priorLogLoss
  }
}

/// The newest finished run, judged by its out-of-fold predictions.
package struct EnsembleStatus: Codable, Sendable, Equatable {
  package var run: String
  package var clips: Int
  /// Mean over the classes, and the same for answering every prior.
  package var logLoss: Double
  package var priorLogLoss: Double
  package var finishedAt: Date
  package var classes: [ClassStatus]
  /// What to know before trusting these numbers, a sentence each.
  package var remarks: [String]

  package init(
    run: String, clips: Int, logLoss: Double, priorLogLoss: Double, finishedAt: Date, classes: [ClassStatus],
    remarks: [String] = []
  ) {
    self.run = run
    self.clips = clips
    self.logLoss = logLoss
    self.priorLogLoss = priorLogLoss
    self.finishedAt = finishedAt
    self.classes = classes
    self.remarks = remarks
  }
}

/// The newest submission.
package struct SubmissionStatus: Codable, Sendable, Equatable {
  package var path: BytePath
  package var publishedAt: Date
  package var rows: Int
  /// Rows without a score, answered with the priors.
  package var rowsFromPriors: Int
  /// SHA-256 of the CSV.
  package var digest: String

  package init(path: BytePath, publishedAt: Date, rows: Int, rowsFromPriors: Int, digest: String) {
    self.path = path
    self.publishedAt = publishedAt
    self.rows = rows
    self.rowsFromPriors = rowsFromPriors
    self.digest = digest
  }
}

/// Something that stands in the way.
package struct ProblemStatus: Codable, Sendable, Equatable {
  package var since: Date
  package var subject: String
  package var message: String
  /// What to do, or what happens next.
  package var next: String?

  package init(since: Date, subject: String, message: String, next: String?) {
    self.since = since
    self.subject = subject
    self.message = message
    self.next = next
  }
}
