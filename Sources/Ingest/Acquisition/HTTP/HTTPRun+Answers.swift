internal import CCurl
internal import Foundation
internal import Vocabulary

/// What becomes of an answer: its bytes, and what it says of its mirror.
extension HTTPRun: Transfer.Taker {
  func begins(_ transfer: Transfer) -> Bool {
    let mirror = mirrors[transfer.mirror]
    let path = URLComponents(string: mirror.url)?.path ?? ""
    let answer = Answer(transfer.head, to: transfer.question, path: path)
    transfer.answer = answer
    do {
      switch answer {
      case .part(let range, let total, let tag): return try accept(transfer, range, of: total, tag)
      case .whole(let total):
        guard part == nil else {
          transfer.isDone = true
          return false
        }
        try begin(total: total, tag: nil, mirror: mirror)
        part?.keeper.note { $0.contributors = [mirror.url] }
        transfer.rest = 0..<(total ?? .max)
        return true
      case .noRanges, .changed, .later, .refused: return false
      }
    } catch {
      transfer.end = error
      return false
    }
  }

  /// True when the part belongs to the version under way and is still missing.
  private func accept(_ transfer: Transfer, _ range: Range<Int64>, of total: Int64, _ tag: String) throws -> Bool {
    let mirror = mirrors[transfer.mirror]
    if part == nil { try begin(total: total, tag: tag, mirror: mirror) }
    guard let part, let begun = part.tag else {
      transfer.isDone = true
      return false
    }
    guard total == part.total, source.digest != nil || tag == begun else {
      transfer.answer = .changed("the server has another version of the file (\(total) bytes, tag \(tag))")
      return false
    }
    mirrors[transfer.mirror].manner = .ranges(tag: tag)
    part.keeper.note {
      $0.tags[mirror.url] = tag
      if !$0.contributors.contains(mirror.url) { $0.contributors.append(mirror.url) }
    }
    var taken = part.have
    for other in transfers.transfers where other !== transfer && other.rest != nil { taken.insert(other.rest ?? 0..<0) }
    guard let rest = taken.firstGap(in: range), rest.lowerBound == range.lowerBound else {
      transfer.isDone = true
      return false
    }
    transfer.rest = rest
    transfer.isClipped = rest != range
    return true
  }

  func takes(_ bytes: UnsafeRawBufferPointer, of transfer: Transfer) -> Bool? {
    guard !demand.isPaused, !pace.isSpent else { return nil }
    guard let rest = transfer.rest else { return false }
    let offered = UnsafeRawBufferPointer(rebasing: bytes.dropFirst(transfer.taken))
    let room = min(rest.upperBound, max(rest.lowerBound, demand.horizon)) - rest.lowerBound
    let piece = UnsafeRawBufferPointer(rebasing: offered.prefix(Int(min(room, Int64(offered.count)))))
    do {
      try part?.write(piece, at: rest.lowerBound)
    } catch {
      transfer.end = error
      return false
    }
    note(piece.count, from: transfer)
    transfer.rest = (rest.lowerBound + Int64(piece.count))..<rest.upperBound
    if piece.count == offered.count {
      transfer.taken = 0
      transfer.isDone = transfer.isClipped && transfer.rest?.isEmpty == true
      return !transfer.isDone
    }
    if transfer.rest?.isEmpty == false {
      // No more room before the horizon.
      transfer.taken += piece.count
      return nil
    }
    transfer.isDone = transfer.isClipped
    if !transfer.isDone { transfer.answer = .noRanges("the server sends more than it said") }
    return false
  }

  private func note(_ bytes: Int, from transfer: Transfer) {
    transfer.received += Int64(bytes)
    received += Int64(bytes)
    pace.take(bytes)
  }

  /// A request has ended, by the server or from here.
  func conclude(_ transfer: Transfer, _ code: CURLcode, _ now: Double) throws {
    let index = transfer.mirror
    mirrors[index].active -= 1
    // An answer without a byte is one, too.
    if code == CURLE_OK { _ = transfer.begin() }
    if let error = transfer.end { throw error }
    if transfer.isDone { return mirrors[index].succeeded() }
    if transfer.isAstray {
      return mirrors[index].refused(
        "the server redirects to a private address; name that address in the configuration if it is meant", now: now)
    }
    switch transfer.answer {
    case .part?, .whole?: try end(of: transfer, code, now)
    case .noRanges(let reason)?: doubt(transfer, reason, now) { $0.manner = .plain }
    case .changed(let reason)?: doubt(transfer, reason, now) { $0.disagrees = true }
    case .refused(let reason)?: mirrors[index].refused(reason, now: now)
    case .later(let reason)?: fail(transfer, reason, now)
    case nil:
      let (reason, isPermanent) = Self.words(code, transfer.head)
      if isPermanent { mirrors[index].refused(reason, now: now) } else { fail(transfer, reason, now) }
    }
  }

  /// The end of a body that was wanted.
  private func end(of transfer: Transfer, _ code: CURLcode, _ now: Double) throws {
    let isWhole = transfer.question.range == nil
    // Most requests to a fast server are over before they were looked at on the way.
    if transfer.rate == nil && transfer.received >= options.rangeBytes.lowerBound {
      mirrors[transfer.mirror].measured(Double(transfer.received) / max(0.001, now - transfer.started))
    }
    if isWhole && code == CURLE_OK && transfer.rest?.upperBound == .max { part?.total = transfer.rest?.lowerBound }
    if transfer.rest?.isEmpty == true || (isWhole && part?.isComplete == true) {
      return mirrors[transfer.mirror].succeeded()
    }
    let reason =
      code == CURLE_OK ? "the server ended before the end" : String(cString: curl_easy_strerror(code))
    // So much at once is worth asking again for at once; less might be all that it ever gives.
    if transfer.received >= options.rangeBytes.lowerBound && !isWhole { mirrors[transfer.mirror].succeeded() }
    if isWhole { beginAnew() }
    mirrors[transfer.mirror].failed(
      reason, now: now, options: options, wait: nil, chance: .random(in: 0..<1))
  }

  /// Before anything is begun a contradiction is simply how this mirror is; later it must insist.
  private func doubt(_ transfer: Transfer, _ reason: String, _ now: Double, then believe: (inout Mirror) -> Void) {
    let index = transfer.mirror
    let isNew = mirrors[index].manner == .unknown || part == nil
    if isNew
      || mirrors[index].doubted(reason, now: now, options: options, chance: .random(in: 0..<1))
    {
      believe(&mirrors[index])
    }
  }

  private func fail(_ transfer: Transfer, _ reason: String, _ now: Double) {
    let others = transfers.transfers.contains { $0.mirror == transfer.mirror && $0.received > 0 }
    if others { return mirrors[transfer.mirror].tooMany(reason, now: now) }
    mirrors[transfer.mirror].failed(
      reason, now: now, options: options, wait: transfer.retryAfter, chance: .random(in: 0..<1))
  }

  /// Why libcurl gave up, and whether only a person can mend it.
  private static func words(_ code: CURLcode, _ head: ResponseHead) -> (reason: String, isPermanent: Bool) {
    if code == CURLE_UNSUPPORTED_PROTOCOL && (300..<400).contains(head.status) {
      return ("the server redirects to an address that is neither http nor https", true)
    }
    let permanent = [
      CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_TOO_MANY_REDIRECTS, CURLE_PEER_FAILED_VERIFICATION,
      CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE, CURLE_READ_ERROR,
    ]
    return (String(cString: curl_easy_strerror(code)), permanent.contains(code))
  }
}
