internal import Acquisition
internal import Cataloguing
internal import Control

/// A source as `status` shows it.
struct SourceBoard: Sendable {
  enum State: String, Sendable {
    case waiting, downloading, paused, unpacking, seeding, complete, failed
  }

  var state = State.waiting
  var problem: String?
  private(set) var members: Int?
  private(set) var bytes: Int64 = 0
  private(set) var totalBytes: Int64?
  private var rejects: Int?
  private var firstRejects: [String] = []
  private var fetch = FetchStatus()
  private var cutShort: String?

  mutating func take(_ status: FetchStatus) {
    fetch = status
    bytes = status.bytes
    totalBytes = status.total
  }

  mutating func take(_ progress: SourceProgress) {
    members = progress.archives.isEmpty ? nil : progress.members
    rejects = progress.archives.isEmpty ? nil : progress.rejects
    firstRejects = progress.firstRejects
    if progress.isComplete {
      bytes = progress.bytes
      totalBytes = progress.bytes
    }
  }

  func status(_ id: String) -> SourceStatus {
    let isMoving = state == .downloading
    let rate = isMoving ? fetch.bytesPerSecond : nil
    var left: Double?
    if let rate, rate > 0, let totalBytes { left = Double(max(totalBytes - bytes, 0)) / rate }
    let isUnderWay = [.downloading, .paused, .unpacking, .seeding].contains(state)
    return SourceStatus(
      id: id, state: state.rawValue, bytes: bytes, totalBytes: totalBytes, bytesPerSecond: rate, secondsLeft: left,
      uploadBytesPerSecond: isUnderWay ? fetch.uploadBytesPerSecond : nil, peers: isUnderWay ? fetch.peers : nil,
      seeds: isUnderWay ? fetch.seeds : nil, mirrors: isUnderWay ? fetch.mirrors : nil,
      prefixBytes: isUnderWay ? prefix : nil, members: members, rejects: rejects,
      firstRejects: firstRejects.isEmpty ? nil : firstRejects, note: isUnderWay ? fetch.note : nil, problem: problem)
  }

  /// With the files laid end to end: how far from the beginning everything is there.
  private var prefix: Int64? {
    if fetch.files.isEmpty { return nil }
    var sum: Int64 = 0
    for file in fetch.files {
      sum += file.prefix
      if file.prefix != file.total { break }
    }
    return sum
  }
}
