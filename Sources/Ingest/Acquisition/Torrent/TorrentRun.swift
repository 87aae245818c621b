internal import CTorrent
internal import Durability
internal import Foundation
internal import Vocabulary

/// One fetch of one torrent whose .torrent is known: drives libtorrent by the reader's demand, keeps the resume data, and
/// proves what has come before it calls it whole. Belongs to one thread.
final class TorrentRun {
  let source: TorrentSource
  let session: TorrentSession
  let place: TorrentPlace
  let metainfo: Metainfo
  let layout: TorrentLayout
  let flow: FetchFlow
  let stop: TorrentStop
  let torrent: LiveTorrent

  enum Phase {
    /// libtorrent finds out what is on disk.
    case checking
    case fetching
    /// We do, for ourselves.
    case proving(HashPass)
    /// Everything is right and is made durable, file by file.
    case settling(next: Int)
    case whole([FetchedFile])
  }

  var phase = Phase.checking
  var map: PieceMap
  var files: [FileProgress]
  /// Files that pieces have come for since they were told or synced.
  var untold: Set<Int> = []
  var unsynced: Set<Int> = []
  var repairs: Int
  private(set) var demand: FetchDemand
  private(set) var window: PieceWindow
  /// Whether somebody has read the files in their order all the time: then each piece was checked before it was read.
  private var isStreamed: Bool
  private var repairsNow = 0

  var resume = ResumeClock()
  var reporter = TorrentReporter()

  init(
    _ source: TorrentSource, _ session: TorrentSession, _ place: TorrentPlace, _ metainfo: Metainfo, _ flow: FetchFlow,
    _ stop: TorrentStop
  ) throws {
    self.source = source
    self.session = session
    self.place = place
    self.metainfo = metainfo
    self.flow = flow
    self.stop = stop
    layout = try TorrentLayout(
      metainfo.files(), pieceLength: metainfo.pieceLength, pieceCount: metainfo.pieceCount, patterns: source.files,
      name: "the torrent of source \(source.id)")
    map = PieceMap(layout)
    repairs = place.readRepairs()
    files = TorrentReporter.files(layout, metainfo, payload: place.payload, repairs: repairs)
    demand = flow.demand
    isStreamed = demand.isInOrder
    window = PieceWindow(horizon: PieceWindow.horizon(demand, &map), layout)
    var start = LiveTorrent.Start()
    start.resume = place.readResume()
    start.wantedFiles = Array(repeating: 0, count: layout.fileCount)
    for file in layout.files { start.wantedFiles[file.index] = 4 }
    start.priorities = window.priorities
    start.isSequential = demand.isInOrder
    // Until its first look at the disk is over: it may set priorities of its own meanwhile.
    start.isPaused = true
    torrent = try LiveTorrent(session, source, metainfo, payload: place.payload, start)
    stop.pokes(torrent.inbox)
  }

  /// Blocks until nothing is left to do; what has come is written down however this ends.
  func run() throws -> [FetchedFile] {
    do {
      let whole = try loop()
      try keepAtEnd()
      return whole
    } catch {
      // The failure to be told is the first one.
      try? keepAtEnd()
      throw error
    }
  }

  private func loop() throws -> [FetchedFile] {
    while true {
      for event in torrent.inbox.take(within: isWaiting ? 100 : 0) { try take(event) }
      if stop.isRaised { throw CancellationError() }
      follow(flow.demand)
      try advance()
      try keepResume()
      report()
      if case .whole(let whole) = phase, isSeededEnough { return whole }
    }
  }

  var isChecking: Bool { if case .checking = phase { true } else { false } }

  private var isWaiting: Bool {
    switch phase {
    case .checking, .fetching, .whole: true
    case .proving, .settling: false
    }
  }

  private func take(_ event: TorrentEvent) throws {
    switch event {
    case .checked: learnPieces()
    case .piece(let piece): has(piece)
    case .lost: if !isChecking { learnPieces() }
    case .resume(let bytes): try resumeCame(bytes)
    case .noResume: resume.isUnderWay = false
    case .trouble(let text): reporter.trouble = text
    case .blocked(let address):
      reporter.trouble = "\(address) is no public address; allow_private_addresses would let it be contacted"
    case .hashFailed: reporter.corruptPieces += 1
    case .resumeRejected, .metadata: break
    case .diskFailed(let text, let code), .broken(let text, let code):
      if code == ENOSPC || code == EDQUOT { throw AcquisitionError(place.payload, cannotBe: "written", code) }
      throw AcquisitionError(isPermanent: false, "source \(source.id): \(text)")
    }
  }

  private func has(_ piece: Int) {
    guard (0..<layout.pieceCount).contains(piece), !map.has(piece) else { return }
    map.insert(piece)
    for file in map.files(in: piece) {
      untold.insert(file)
      unsynced.insert(file)
    }
  }

  private func learnPieces() {
    guard let pieces = torrent.pieces(layout.pieceCount) else { return }
    map.replace(pieces)
    untold = Set(layout.files.indices)
    guard case .checking = phase else { return }
    phase = .fetching
    window = PieceWindow(horizon: PieceWindow.horizon(demand, &map), layout)
    torrent.set(priorities: window.priorities)
    torrent.set(isPaused: demand.isPaused)
  }

  /// Lets libtorrent know what the reader wants now.
  private func follow(_ wanted: FetchDemand) {
    guard !isChecking else { return }
    if wanted.isPaused != demand.isPaused { torrent.set(isPaused: wanted.isPaused) }
    if wanted.isInOrder != demand.isInOrder { torrent.set(isSequential: wanted.isInOrder) }
    demand = wanted
    if !wanted.isInOrder, !map.isComplete { isStreamed = false }
    let horizon = PieceWindow.horizon(wanted, &map)
    if horizon == window.horizon { return }
    window = PieceWindow(horizon: horizon, layout)
    torrent.set(priorities: window.priorities)
  }

  private func advance() throws {
    switch phase {
    case .checking, .whole: break
    case .fetching:
      guard map.isComplete else { return }
      let isTrusted = isStreamed || !source.keepsPayload || place.readProof() == proof
      if isTrusted {
        phase = .settling(next: 0)
      } else {
        phase = .proving(HashPass(metainfo, layout, payload: place.payload))
        // It may be over before a report is due.
        report(isDue: true)
      }
    case .proving(let pass): try prove(pass)
    case .settling(let next): try settle(next)
    }
  }

  private func prove(_ pass: HashPass) throws {
    let end = Self.now + 0.1
    while Self.now < end {
      switch try pass.step() {
      case .goingOn: continue
      case .passed: phase = .settling(next: 0)
      case .failed(let what): try repair(what)
      }
      return
    }
  }

  /// What libtorrent had checked is not what the disk gives now: it looks at everything again and fetches what is wrong.
  private func repair(_ what: String) throws {
    repairsNow += 1
    if repairsNow > 3 {
      throw AcquisitionError(
        isPermanent: false,
        "source \(source.id): \(what) is wrong on disk again and again after it was right; check the disk and memory")
    }
    repairs += 1
    try place.writeRepairs(repairs)
    reporter.trouble = "\(what) was wrong on disk and is fetched again"
    map = PieceMap(layout)
    files = TorrentReporter.files(layout, metainfo, payload: place.payload, repairs: repairs)
    phase = .checking
    torrent.recheck()
  }

  private func settle(_ first: Int) throws {
    let end = Self.now + 0.1
    for file in first..<layout.files.count {
      if Self.now >= end {
        phase = .settling(next: file)
        return
      }
      let path = files[file].path
      // libtorrent makes empty files when it likes.
      if layout.files[file].size == 0, !PayloadFile.exists(path) {
        try Durability.makeDirectory(path.deletingLastComponent)
        try Durability.publish([], at: path)
      }
      try PayloadFile(path).sync()
      unsynced.remove(file)
    }
    try syncFolders()
    try place.writeProof(proof)
    resume.isWanted = true
    phase = .whole(
      zip(files, layout.files).map { file, wanted in
        FetchedFile(name: file.name, path: file.path, bytes: wanted.size, identity: file.identity, isOurs: true)
      })
    report(isDue: true)
  }

  private func syncFolders() throws {
    var folders: Set<BytePath> = [place.payload]
    for file in files {
      var folder = file.path.deletingLastComponent
      while folders.insert(folder).inserted { folder = folder.deletingLastComponent }
    }
    for folder in folders { try Durability.sync(directory: folder) }
  }

  /// Names the wanted files as they lie there now.
  private var proof: String {
    var hasher = Hasher256()
    for file in files {
      let state = FileState(file.path).map { "\($0.inode) \($0.bytes) \($0.modified)" } ?? "none"
      let line = "\(file.identity) \(state)\n"
      Array(line.utf8).withUnsafeBytes { hasher.update($0) }
    }
    return hasher.finish().hex
  }

  private var isSeededEnough: Bool {
    let options = session.options
    if !source.keepsPayload || (options.seedRatio == nil && options.seedSeconds == nil) { return true }
    let now = torrent.status
    if let ratio = options.seedRatio, Double(now.uploaded) >= ratio * Double(map.wantedBytes) { return true }
    if let seconds = options.seedSeconds, Double(now.seeding_seconds) >= seconds { return true }
    return false
  }

  /// Seconds of a clock that only goes forward.
  static var now: Double { ProcessInfo.processInfo.systemUptime }
}
