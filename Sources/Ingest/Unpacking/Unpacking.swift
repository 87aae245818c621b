internal import CArchive
internal import Foundation
internal import Vocabulary
internal import WorkUnits

/// One archive being unpacked.
final class Unpacking {
  let reader: ArchiveReader
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

  /// - Parameter output: where a member that waits for its bytes is put when its batch is completed.
  init(
    reader: ArchiveReader, stream: ArchiveStream, limits: UnpackLimits, batches: Batches, pipeline: MemberPipeline,
    names: TakenNames, output: BytePath
  ) {
    self.reader = reader
    self.stream = stream
    self.limits = limits
    self.batches = batches
    self.pipeline = pipeline
    self.names = names
    aside = output.appending("unfinished")
    written = batches.standing.written
  }

  /// Passes over `count` entries that earlier attempts have dealt with.
  func skip(entries count: Int) throws {
    for _ in 0..<count {
      switch try reader.next() {
      case .member: try skipRest()
      case .badMember: break
      case .end, .broken: cut = cut ?? "it is not the archive any more that it was when its unpacking began"
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
        return nil
      case .broken(let reason): cut = reason
      case .badMember(let name, let reason):
        if mayTakeOneMore() { reject(name, "it is damaged: \(reason)") }
      case .member(let entry):
        guard mayTakeOneMore() else { break }
        let member = try take(entry)
        if cut == nil { try skipRest() }
        settle(member, isGood: cut == nil)
        if batches.isFull { try batches.close() }
      }
    }
    settle(nil, isGood: false)
    return cut
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
