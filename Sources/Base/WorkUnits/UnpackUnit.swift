package import Vocabulary

/// Unpacks one archive. Output: `files/` with the members, names as in the archive, and `members.json`.
package struct UnpackSpec: Sendable, Codable {
  package var archive: BytePath
  package var limits: UnpackLimits

  package init(archive: BytePath, limits: UnpackLimits) {
    self.archive = archive
    self.limits = limits
  }

  package static let filesName = "files"
  package static let reportName = "members.json"
}

/// Limits on what a stranger's archive may make of the disk.
package struct UnpackLimits: Sendable, Codable, Hashable {
  package var members: Int
  /// Bytes of all members together, and of one.
  package var totalBytes: Int64
  package var memberBytes: Int64
  /// Unpacked bytes per byte of archive, checked once 64 MiB have been written.
  package var ratio: Int
  package var pathBytes: Int

  package init(
    members: Int = 2_000_000, totalBytes: Int64 = 4 << 40, memberBytes: Int64 = 64 << 30, ratio: Int = 200,
    pathBytes: Int = 1024
  ) {
    self.members = members
    self.totalBytes = totalBytes
    self.memberBytes = memberBytes
    self.ratio = ratio
    self.pathBytes = pathBytes
  }
}

/// What came out of an archive: `members.json`.
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

  package var members: [Member]
  package var rejects: [Reject]
  /// Why unpacking ended before the archive's end (damage, a limit); nil when the whole archive was read.
  package var cutShort: String?

  package init(members: [Member] = [], rejects: [Reject] = [], cutShort: String? = nil) {
    self.members = members
    self.rejects = rejects
    self.cutShort = cutShort
  }
}
