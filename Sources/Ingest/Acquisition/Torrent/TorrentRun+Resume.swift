internal import Foundation

/// When the resume data is asked for.
struct ResumeClock {
  /// Asked for and not yet here.
  var isUnderWay = false
  /// As soon as it may be, not only when its time has come.
  var isWanted = false
  var last = TorrentRun.now

  static let period = 30.0
  /// Torrents of many small files would do nothing else.
  static let pause = 1.0

  /// - Parameter isChanged: there is something new.
  func isDue(at now: Double, isChanged: Bool) -> Bool {
    !isUnderWay && now - last >= (isWanted ? Self.pause : Self.period) && (isWanted || isChanged)
  }
}

extension TorrentRun {
  func keepResume() throws {
    let now = Self.now
    guard resume.isDue(at: now, isChanged: !unsynced.isEmpty) else { return }
    resume.isUnderWay = true
    resume.isWanted = false
    resume.last = now
    torrent.saveResume()
  }

  /// What the resume data says is here must be here after a power cut too: the files are synced before it is published.
  func resumeCame(_ bytes: [UInt8]) throws {
    resume.isUnderWay = false
    if isChecking { return }
    for file in unsynced {
      if PayloadFile.exists(files[file].path) { try PayloadFile(files[file].path).sync() }
      unsynced.remove(file)
      report()
    }
    try place.writeResume(bytes)
  }

  /// At the end, within seconds: waits for resume data of this moment.
  func keepAtEnd() throws {
    if isChecking { return }
    let end = Self.now + 5
    // One that is under way may be older than the newest piece.
    var awaited = resume.isUnderWay ? 2 : 1
    torrent.saveResume()
    while Self.now < end {
      for event in torrent.inbox.take(within: 100) {
        switch event {
        case .resume(let bytes):
          awaited -= 1
          if awaited == 0 { return try resumeCame(bytes) }
        case .noResume: return
        default: break
        }
      }
    }
  }
}
