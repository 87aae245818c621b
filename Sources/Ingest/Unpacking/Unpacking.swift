internal import CArchive
internal import Foundation
internal import Vocabulary
internal import WorkUnits

/// One archive being unpacked.
final class Unpacking {
  private(set) var reader: ArchiveReader
  private let reopen: () throws -> ArchiveReader
  private var reopened = 0
  let stream: ArchiveStream
  let limits: UnpackLimits
  let batches: Batches
  let pipeline: MemberPipeline
  private let aside: BytePath
  var names: TakenNames
  /// Of what was met since the batch's standing: it joins the batch when something good follows.
  var unsettled: [UnpackReport.Reject] = []
  /// Entries, good and bad, since then.
  private var steps = 0
  var current: MemberFile?
  var written: Int64
  /// Why reading ends before the archive does.
  var cut: String?
  /// Why the reader can go on no more, though another could behind the current member.
  var stuck: String?
  private var hasGoodEntry: Bool
  private var firstDamage: String?

  /// A zip file with more members than this that end its reader is not worth it.
  private static let reopenedMost = 100

  /// - Parameters:
  ///   - reopen: makes a reader that begins at the archive's beginning.
  ///   - output: where a member that waits for its bytes is put when its batch is completed.
  init(
    reader: ArchiveReader, reopen: @escaping () throws -> ArchiveReader, stream: ArchiveStream, limits: UnpackLimits,
    batches: Batches, pipeline: MemberPipeline, names: TakenNames, output: BytePath
  ) {
    self.reader = reader
    self.reopen = reopen
    self.stream = stream
    self.limits = limits
    self.batches = batches
    self.pipeline = pipeline
    self.names = names
    aside = output.appending("unfinished")
    written = batches.standing.written
    hasGoodEntry = batches.standing.entries > 0
  }

  /// Passes over `count` entries that were dealt with.
  ///
  /// - Parameter reason: of the end, when the archive has fewer that can be read.
  func skip(entries count: Int, otherwise reason: String) throws {
    for _ in 0..<count {
      switch try reader.next() {
      case .member: try skipRest()
      case .badMember: break
      case .end, .broken: cut = cut ?? reason
      }
      if cut != nil { return }
    }
  }

  /// Until the end, or until something makes it pointless to go on. Returns why it did, nil for the archive's end.
  func all() throws -> String? {
    stream.onStarving = { [unowned self] in try closeEarly() }
    defer { stream.onStarving = {} }
    while cut == nil {
      switch try reader.next() {
      case .end:
        settle(nil, isGood: false)
        // Zeros, that any file may begin with, look like an empty tar: what holds nothing but damage then is no archive.
        return reader.isTar && !hasGoodEntry ? firstDamage : nil
      case .broken(let reason): cut = reason
      case .badMember(let name, let reason):
        if mayTakeOneMore() { reject(name, "it is damaged: \(reason)") }
        firstDamage = firstDamage ?? reason
      case .member(let entry):
        hasGoodEntry = true
        guard mayTakeOneMore() else { break }
        let member = try take(entry)
        try stuck.map(goAround) ?? (cut == nil ? skipRest() : ())
        settle(member, isGood: cut == nil)
        if batches.isFull { try batches.close() }
      }
    }
    settle(nil, isGood: false)
    return cut
  }

  /// One member whose compressed data make no sense is the end for libarchive. The directory of a zip file tells where the
  /// next one is.
  private func goAround(_ reason: String) throws {
    stuck = nil
    reopened += 1
    if reopened > Self.reopenedMost { return cut = reason }
    reader = try reopen()
    try skip(entries: batches.standing.entries + steps, otherwise: reason)
  }

  /// Every entry costs something, and so does every folder.
  private func mayTakeOneMore() -> Bool {
    if batches.standing.entries + steps + names.folderCount < limits.members {
      steps += 1
      return true
    }
    cut = "it has more than \(limits.members) members"
    return false
  }

  /// Whoever waits for bytes gives away what is complete.
  private func closeEarly() throws {
    guard batches.hasMembers else { return }
    if let current {
      try pipeline.drain()
      guard current.moveAside(to: aside) else { return }
    }
    try batches.close()
  }

  /// - Parameter isGood: true when an entry was read to its end, so that a later attempt can begin behind it.
  private func settle(_ member: (file: MemberFile, bytes: Int64)?, isGood: Bool) {
    var standing = batches.standing
    standing.written = written
    standing.entries += steps
    if isGood {
      if reader.isPlainTar { standing.resumeOffset = reader.offset }
      standing.consumed = reader.isPlainTar ? standing.resumeOffset : reader.isTar ? stream.position : 0
    }
    batches.settle(member, unsettled, standing)
    (unsettled, steps) = ([], 0)
  }
}
