internal import CCurl
internal import Foundation
internal import Vocabulary

/// Which version of the file is under way: begun, gone on with, given up for another, finished.
extension HTTPRun {
  /// Takes up what an earlier process left, where source and record mean the same file.
  func resume() throws {
    guard let record = place.readPart() else { return }
    let isMeant = record.digest == source.digest || record.digest == nil
    for index in mirrors.indices where isMeant && record.blamed.contains(mirrors[index].url) {
      mirrors[index].blamed("gave a file with another SHA-256 than source \(source.id) wants")
    }
    let isKnown = source.digest != nil || source.urls.contains { record.tags[$0] != nil }
    guard isMeant, isKnown, let part = try Part(resuming: record, at: place, options) else { return }
    self.part = part
    solo = record.solo.flatMap { source.urls.contains($0) ? $0 : nil }
    part.keeper.note { [digest = source.digest] in $0.digest = digest }
    for index in mirrors.indices {
      if let tag = record.tags[mirrors[index].url] { mirrors[index].manner = .ranges(tag: tag) }
    }
  }

  /// Begins the version that a mirror showed. Its identity follows from what it is, unless bytes of another part were
  /// here: then nobody may mistake the new ones for them.
  func begin(total: Int64?, tag: String?, mirror: Mirror) throws {
    let own = source.digest ?? tag.map { Digest(of: Data("\(mirror.url)\n\($0)\n\(total ?? -1)".utf8)) }
    part = try Part(
      beginning: PartRecord(
        identity: place.hasTraces ? .random() : own ?? .random(), digest: source.digest, total: total, tag: tag,
        blamed: mirrors.filter(\.isBlamed).map(\.url), solo: solo, midstate: Hasher256().midstate),
      at: place, options)
  }

  /// Gives up the bytes that are here; the next answer decides anew.
  func beginAnew() {
    for transfer in transfers.transfers { drop(transfer) }
    part?.keeper.abandon()
    part = nil
    for index in mirrors.indices {
      if mirrors[index].disagrees { mirrors[index].restarts += 1 }
      // Its tags change all the time, so they say nothing.
      if mirrors[index].restarts >= Mirror.doubtLimit { mirrors[index].manner = .plain }
      mirrors[index].forget()
    }
  }

  /// When nobody is left who has the version under way, but somebody has another, that one it is.
  func reconsider(_ now: Double) throws {
    let crew = mirrors.filter { isInTurn($0) && $0.isHopeful(now) }
    if crew.contains(where: { !$0.disagrees && $0.manner != .plain }) { return }
    if !crew.isEmpty { return beginAnew() }
    try takeTurns(now)
  }

  /// While mirrors are tried one at a time: one that cannot be had loses its turn.
  func takeTurns(_ now: Double) throws {
    guard let solo, let current = mirrors.first(where: { $0.url == solo }), !current.isHopeful(now),
      let next = mirrors.first(where: { $0.url != solo && $0.isHopeful(now) })
    else { return }
    self.solo = next.url
    beginAnew()
  }

  /// - Throws: when only a person can help with each of the mirrors.
  func giveUp(_ now: Double) throws {
    guard mirrors.allSatisfy({ $0.isRefused(now) }) else { return }
    if mirrors.allSatisfy(\.isBlamed) {
      beginAnew()
      try place.dropPart()
    }
    let reasons = mirrors.map { "\($0.shown): \($0.trouble ?? "refused")" }
    throw AcquisitionError(isPermanent: true, reasons.joined(separator: "; "))
  }

  /// All bytes are here. Nil when they are not the file that is wanted: then others are tried.
  func conclude() throws -> FetchedFile? {
    guard let part, let total = part.total else { return nil }
    for transfer in transfers.transfers { drop(transfer) }
    try part.file.truncate(total)
    part.keeper.finish()
    while true {
      if let end = part.keeper.wait(seconds: 0.25) {
        try end.get()
        break
      }
      try stop.check()
      tell(Self.now)
    }
    let record = part.keeper.record
    guard var hasher = Hasher256(record.midstate), record.prefix == total else {
      preconditionFailure("a keeper that ended well has hashed all")
    }
    let digest = hasher.finish()
    if source.digest == nil || source.digest == digest { return try place.finish(digest, of: record) }
    blame(record.contributors, digest)
    beginAnew()
    try giveUp(Self.now)
    return nil
  }

  /// One mirror alone is to blame; of several nobody knows which, so they are tried one at a time.
  private func blame(_ contributors: [String], _ digest: Digest) {
    let wanted = source.digest.map(\.hex) ?? ""
    for index in mirrors.indices where contributors == [mirrors[index].url] {
      mirrors[index].blamed(
        "has SHA-256 \(digest), and source \(source.id) wants \(wanted); correct the address or sha256. What was "
          + "downloaded is removed")
    }
    let shown = contributors.map(Mirror.shown).joined(separator: ", ")
    remark = "\(shown) gave a file with SHA-256 \(digest) instead of \(wanted); others are tried"
    if contributors.count > 1 || solo != nil { solo = mirrors.first { !$0.isBlamed }?.url }
  }
}
