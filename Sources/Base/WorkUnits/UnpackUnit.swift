package import Vocabulary

/// Unpacks one archive, batch by batch: while it still grows, or from the finished file.
///
/// Output: `batch-<n>/`, n from 1, each with `files/` (members, names as in the archive) and `report.json`. A batch that is
/// complete is told by a progress line with its number; the daemon publishes it and acknowledges it. The worker is at most
/// one batch ahead: it does not begin the n-th before n - 2 are acknowledged, and does not end before all are. Killed at
/// any point, it is started again with the published reports and goes on behind the last of them.
package struct UnpackSpec: Sendable, Codable {
  /// The archive, or the volumes of one archive in their order, absolute.
  package var parts: [BytePath]
  /// True when bytes are still arriving: no more of them may be read than the newest `WorkInstruction` says.
  package var isGrowing: Bool
  /// Folder with the reports of the batches published by earlier attempts, `batch-<n>.json`; it may be missing.
  package var reports: BytePath
  package var limits: UnpackLimits
  /// A batch ends after about this many bytes of members.
  package var batchBytes: Int64
  package var allowsRAR: Bool

  package init(
    parts: [BytePath], isGrowing: Bool, reports: BytePath, limits: UnpackLimits = UnpackLimits(),
    batchBytes: Int64 = 256 << 20, allowsRAR: Bool = false
  ) {
    self.parts = parts
    self.isGrowing = isGrowing
    self.reports = reports
    self.limits = limits
    self.batchBytes = batchBytes
    self.allowsRAR = allowsRAR
  }

  package static func batchName(_ number: Int) -> String { "batch-\(number)" }
  /// Of a published batch's report in `reports`.
  package static func reportName(_ number: Int) -> String { "batch-\(number).json" }
  package static let filesName = "files"
  package static let reportName = "report.json"
}

/// Limits on what a stranger's archive may make of the disk and the processor.
package struct UnpackLimits: Sendable, Codable, Hashable {
  /// Members, and whatever else costs something: folders, rejects.
  package var members: Int
  /// Bytes of all members together, and of one.
  package var totalBytes: Int64
  package var memberBytes: Int64
  /// Unpacked bytes per byte of archive, checked once 64 MiB have been written.
  package var ratio: Int
  package var pathBytes: Int
  /// Parts of a path, the member's own name included.
  package var pathDepth: Int
  /// Processor time that any archive may take, beside one second for each MiB of it.
  package var processorSeconds: Int

  package init(
    members: Int = 2_000_000, totalBytes: Int64 = 4 << 40, memberBytes: Int64 = 64 << 30, ratio: Int = 200,
    pathBytes: Int = 1024, pathDepth: Int = 64, processorSeconds: Int = 600
  ) {
    self.members = members
    self.totalBytes = totalBytes
    self.memberBytes = memberBytes
    self.ratio = ratio
    self.pathBytes = pathBytes
    self.pathDepth = pathDepth
    self.processorSeconds = processorSeconds
  }
}

/// What one batch brought, and where the archive stands after it.
package struct UnpackReport: Sendable, Codable {
  package struct Member: Sendable, Codable, Hashable {
    /// Relative to `files/`, bytes as in the archive.
    package var path: BytePath
    package var bytes: Int64
    package var digest: Digest
    /// Nanoseconds since 1970, as in the archive; also set on the file.
    package var modified: Int64

    package init(path: BytePath, bytes: Int64, digest: Digest, modified: Int64) {
      self.path = path
      self.bytes = bytes
      self.digest = digest
      self.modified = modified
    }
  }

  package struct Reject: Sendable, Codable, Hashable {
    package var path: BytePath
    package var reason: String

    package init(path: BytePath, reason: String) {
      self.path = path
      self.reason = reason
    }
  }

  /// Where an archive stands after a batch. All counts are from the archive's beginning.
  package struct Standing: Sendable, Codable, Hashable {
    /// Entries of any kind that have been dealt with.
    package var entries = 0
    /// Bytes of members written.
    package var written: Int64 = 0
    /// Parts laid end to end: an attempt that goes on from here reads nothing in front of this byte. 0 for what can only
    /// be read from its beginning (compressed tar) or out of order (zip, 7z).
    package var resumeOffset: Int64 = 0
    /// Bytes of the archive that this attempt will not read again.
    package var consumed: Int64 = 0

    package init() {}
  }

  package enum End: Sendable, Codable, Hashable {
    /// All of the archive was read.
    case whole
    /// Why reading ended before the archive did: damage, a limit.
    case cutShort(String)
  }

  package var members: [Member]
  package var rejects: [Reject]
  package var standing: Standing
  /// Nil when there is more to come.
  package var end: End?

  package init(
    members: [Member] = [], rejects: [Reject] = [], standing: Standing = Standing(), end: End? = nil
  ) {
    self.members = members
    self.rejects = rejects
    self.standing = standing
    self.end = end
  }
}
