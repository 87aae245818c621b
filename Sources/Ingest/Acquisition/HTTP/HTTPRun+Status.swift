internal import Foundation
internal import Vocabulary

/// What is told to the reader.
extension HTTPRun {
  private static let interval = 0.2

  func tell(_ now: Double) {
    guard now - told >= Self.interval else { return }
    told = now
    meter.add(received, now: now)
    var status = FetchStatus()
    if let part {
      let record = part.keeper.record
      status.files = [
        FileProgress(
          name: BytePath(place.name), path: place.part, total: part.total, prefix: record.prefix, isVerified: false,
          identity: part.identity)
      ]
      status.bytes = part.have.count
      status.total = part.total
    }
    let busy = transfers.transfers.filter { $0.received > 0 }
    status.bytesPerSecond = busy.isEmpty ? nil : meter.rate
    status.mirrors = Set(busy.map(\.mirror)).count
    status.note = note(now, isBusy: !busy.isEmpty)
    flow.report(status)
  }

  func tell(completed file: FetchedFile) -> [FetchedFile] {
    var status = FetchStatus()
    status.files = [
      FileProgress(
        name: file.name, path: file.path, total: file.bytes, prefix: file.bytes, isVerified: source.digest != nil,
        identity: file.identity)
    ]
    status.bytes = file.bytes
    status.total = file.bytes
    status.completed = [file]
    // A mirror that gave wrong bytes is worth knowing of when all has ended well, too.
    status.note = remark
    flow.report(status)
    return [file]
  }

  /// What it waits for; while bytes flow, only what went wrong with the whole.
  private func note(_ now: Double, isBusy: Bool) -> String? {
    if isBusy { return remark }
    if demand.isPaused { return "paused" }
    let troubled = mirrors.filter { $0.trouble != nil && isInTurn($0) }
    if troubled.isEmpty { return remark }
    return troubled.prefix(3).map { mirror in
      let reason = "\(mirror.shown): \(mirror.trouble ?? "")"
      let seconds = Int((mirror.notBefore - now).rounded(.up))
      return mirror.isRefused(now) || seconds <= 0 ? reason : "\(reason), tried again in \(seconds) seconds"
    }.joined(separator: "; ")
  }
}
