internal import Foundation
internal import Vocabulary
internal import WorkUnits

/// The batches that members are put into, one after the other.
final class Batches {
  private static let membersMost = 2000

  private let output: BytePath
  private let bytesMost: Int64
  private let guidance: Guidance
  private let pipeline: MemberPipeline
  private let progress: ProgressReport

  /// Of the batch that comes next or is under way.
  private var number: Int
  private var isBegun = false
  private var files: [(file: MemberFile, bytes: Int64)] = []
  private var bytes: Int64 = 0
  private var rejects: [UnpackReport.Reject] = []
  /// Since the last progress line.
  private var untold = 0

  /// After everything in the batch.
  private(set) var standing: UnpackReport.Standing
  /// All members, those of earlier batches and attempts included.
  private(set) var memberCount: Int

  init(
    output: BytePath, bytesMost: Int64, published: PublishedBatches, guidance: Guidance, pipeline: MemberPipeline,
    progress: @escaping ProgressReport
  ) {
    self.output = output
    self.bytesMost = bytesMost
    self.guidance = guidance
    self.pipeline = pipeline
    self.progress = progress
    number = published.count + 1
    standing = published.standing
    memberCount = published.memberCount
  }

  var hasMembers: Bool { !files.isEmpty }

  var isFull: Bool {
    files.count + rejects.count >= Self.membersMost || bytes >= bytesMost
  }

  /// A batch is written while the one before it is published.
  private static let ahead = 2

  /// Where members go now; waits until the batches before are published.
  func folder() throws -> BytePath {
    let folder = output.appending(UnpackSpec.batchName(number)).appending(UnpackSpec.filesName)
    if isBegun { return folder }
    while guidance.acknowledged < number - Self.ahead { try guidance.wait() }
    for path in [folder.deletingLastComponent, folder] where path.withCString({ mkdir($0, 0o755) }) != 0 {
      throw WorkError(.environment, "\(path): cannot be made: \(String(cString: strerror(errno)))")
    }
    isBegun = true
    return folder
  }

  /// Takes in what was done with the archive up to `standing`.
  func settle(
    _ member: (file: MemberFile, bytes: Int64)?, _ more: [UnpackReport.Reject], _ standing: UnpackReport.Standing
  ) {
    if let member {
      files.append(member)
      bytes += member.bytes
      memberCount += 1
      tell(member.file.name)
    }
    rejects += more
    self.standing = standing
  }

  /// Nothing of the archive's `bytes` will be read again.
  func consumeAll(_ bytes: Int64) { standing.consumed = bytes }

  /// Completes the batch and tells so.
  func close(end: UnpackReport.End? = nil) throws {
    let folder = try folder()
    try pipeline.drain()
    var members = files.map { member in
      guard let digest = member.file.digest else { preconditionFailure("a member that was drained has a digest") }
      return UnpackReport.Member(
        path: member.file.name, bytes: member.bytes, digest: digest, modified: member.file.modified)
    }
    // The same archive gives the same report, whatever order a damaged directory led to.
    members.sort { $0.path < $1.path }
    let report = UnpackReport(members: members, rejects: rejects, standing: standing, end: end)
    let path = folder.deletingLastComponent.appending(UnpackSpec.reportName)
    do {
      try CanonicalJSON.encode(report).write(to: URL(filePath: path.display))
    } catch {
      throw WorkError(.environment, "\(path): cannot be written: \(error.systemReason)")
    }
    progress(WorkProgress(done: memberCount, note: members.last?.path.display, batch: number))
    number += 1
    isBegun = false
    (files, bytes, rejects, untold) = ([], 0, [], 0)
  }

  /// Waits until every batch is published: they lie in this worker's own folder, which goes with it.
  func waitUntilPublished() throws { while guidance.acknowledged < number - 1 { try guidance.wait() } }

  /// Not each member: a line takes as long as a small one.
  private func tell(_ name: BytePath) {
    untold += 1
    guard untold >= 20 else { return }
    untold = 0
    progress(WorkProgress(done: memberCount, note: name.display))
  }
}
