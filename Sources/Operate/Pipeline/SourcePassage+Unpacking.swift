internal import Acquisition
internal import Cataloguing
internal import Durability
internal import Executors
internal import Foundation
internal import Journal
internal import Settings
internal import Subprocesses
internal import Vocabulary
internal import Watching
internal import WorkUnits

/// From files to clips in the catalog.
extension SourcePassage {
  private static let landingBatch = 1000
  /// The rest is in the reports only.
  static let rejectsTold = 20

  /// Starts on the first archive that can be read and is not done, one at a time.
  mutating func startNext(_ sink: AsyncStream<Step>.Continuation, in group: inout Group) throws {
    guard unpacking == nil, !isPaused else { return }
    let next = deliveries.indices.first { index in
      guard case .archive(let parts, let isStreamable) = deliveries[index], !isDone(index) else { return false }
      if parts.allSatisfy(isWhole) { return true }
      let file = status.files[parts[0]]
      return isStreamable && file.prefix > 0 && !unstreamable.contains(file.identity)
    }
    guard let next, case .archive(let parts, _) = deliveries[next], let origin = origin(next) else { return }
    let paths = parts.map { path(of: $0) }
    let landed = archive(next)?.landed ?? 0
    let dialogue = WorkDialogue(
      first: WorkInstruction(available: available(parts), acknowledged: landed)
    ) { sink.yield(.batch($0, output: $1)) }
    unpacking = Unpacking(
      delivery: next, origin: origin, parts: paths, dialogue: dialogue, published: landed, acknowledged: landed)
    let name = "unpack \(status.files[parts[0]].name.display)"
    let unit = WorkUnit(name: name, spec: .unpack(spec(paths, parts: parts, origin: origin)), publications: [])
    flow.board.began(unit.name, of: .unpack)
    group.addTask { [flow] in
      defer { flow.board.ended(unit.name, of: .unpack) }
      do {
        try await flow.executor.run(unit, dialogue: dialogue) { flow.board.progressed(unit.name, of: .unpack, $0) }
        sink.yield(.unpacked(.published(made: true)))
      } catch is CancellationError {
        sink.yield(.unpacked(.stopped))
      } catch {
        sink.yield(.unpacked(.failed(error as? WorkError ?? WorkError(.environment, "\(error)"))))
      }
    }
  }

  private func spec(_ paths: [BytePath], parts: [Int], origin: Digest) -> UnpackSpec {
    UnpackSpec(
      parts: paths, isGrowing: !parts.allSatisfy(isWhole), reports: flow.state.reports(id, origin: origin),
      batchBytes: DiskSpace.of(flow.state.root).map(budget.batchBytes) ?? 64 << 20,
      allowsRAR: flow.source.settings.allowsRAR)
  }

  /// A whole file has its final name, one that grows may get another while it is read: whoever has it open stays with it.
  private func path(of index: Int) -> BytePath {
    status.completed?.first { $0.name == status.files[index].name }?.path ?? status.files[index].path
  }

  private func available(_ parts: [Int]) -> Int64? {
    parts.allSatisfy(isWhole) ? nil : parts.count == 1 ? status.files[parts[0]].prefix : nil
  }

  /// Tells the worker how much there is, and of batches taken in as long as the disk has room for another.
  mutating func instruct() {
    guard var current = unpacking, case .archive(let parts, _) = deliveries[current.delivery] else { return }
    if !isPaused { current.acknowledged = current.published }
    current.dialogue.instruct(WorkInstruction(available: available(parts), acknowledged: current.acknowledged))
    unpacking = current
  }

  // MARK: batches

  /// Publishes a batch: its files first, then its report, which is what counts, then its clips in the catalog.
  mutating func land(batch number: Int, from output: BytePath) async throws {
    guard let current = unpacking, number > current.published else { return }
    let staged = output.appending(UnpackSpec.batchName(number))
    var report = try read(staged.appending(UnpackSpec.reportName))
    let root = flow.state.clips(source: id)
    try await refuseTaken(&report, root: root, origin: current.origin)
    let reports = flow.state.reports(id, origin: current.origin)
    try await BlockingThread.run(named: "publish") { [report] in
      let files = staged.appending(UnpackSpec.filesName)
      try Durability.makeDirectory(root)
      try Durability.publish(files: report.members.map(\.path), of: files, into: root)
      try Durability.makeDirectory(reports)
      try Durability.publish(
        Array(try CanonicalJSON.encode(report)), at: reports.appending(UnpackSpec.reportName(number)))
      try Durability.removeTree(staged)
    }
    try await catalogue(report, batch: number, delivery: current.delivery, origin: current.origin)
    try await discard(report.standing.consumed, of: current)
    unpacking?.published = number
    instruct()
  }

  /// The worker reads what strangers made, so its word is checked before files are moved by it.
  private func read(_ path: BytePath) throws -> UnpackReport {
    guard let data = FileManager.default.contents(atPath: path.display),
      let report = try? CanonicalJSON.decode(UnpackReport.self, from: data)
    else { throw WorkError(.failure, "\(path): the worker's report cannot be read") }
    for member in report.members {
      let parts = member.path.bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      let isPlain = parts.allSatisfy { !$0.isEmpty && Array($0) != Array(".".utf8) && Array($0) != Array("..".utf8) }
      if !isPlain || member.path.bytes.contains(0) {
        throw WorkError(.failure, "\(path): the worker reports a member that leads out of its folder")
      }
    }
    return report
  }

  /// Two archives of a source may hold a file of one name: the first one's stays.
  private func refuseTaken(_ report: inout UnpackReport, root: BytePath, origin: Digest) async throws {
    let others = Set(deliveries.indices.compactMap { self.origin($0) }.filter { $0 != origin })
    if others.isEmpty { return }
    var kept: [UnpackReport.Member] = []
    for member in report.members {
      let holder = try await flow.catalog.otherOrigin(root: root, path: member.path, than: origin)
      if let holder, others.contains(holder) {
        report.rejects.append(
          UnpackReport.Reject(path: member.path, reason: "another archive of this source has a file of this name"))
      } else {
        kept.append(member)
      }
    }
    report.members = kept
  }

  /// Takes what a report says into the catalog. Also for reports that a crash, or the loss of the catalog, left behind.
  mutating func catalogue(_ report: UnpackReport, batch: Int, delivery: Int, origin: Digest) async throws {
    let root = flow.state.clips(source: id)
    let isProvisional = isProvisional(delivery)
    let clips = report.members.filter { ClipSuffix.isClip($0.path) }
    for start in stride(from: 0, to: clips.count, by: Self.landingBatch) {
      _ = try await flow.catalog.land(
        clips[start..<min(start + Self.landingBatch, clips.count)].map {
          Landing(
            root: root, path: $0.path, clip: ClipID($0.digest), bytes: $0.bytes, modified: $0.modified, origin: origin,
            isProvisional: isProvisional, isPresent: flow.exists(root.appending($0.path)),
            isMicro: flow.source.settings.role == .micro)
        })
    }
    let name = status.files[files(of: delivery)[0]].name
    progress[origin, name].landed = batch
    progress[origin, name].members += report.members.count
    progress[origin, name].rejects += report.rejects.count
    if case .cutShort(let reason) = report.end { progress[origin, name].cutShort = reason }
    if report.end != nil { progress[origin, name].isUnpacked = true }
    let room = max(Self.rejectsTold - progress.firstRejects.count, 0)
    for reject in report.rejects.prefix(room) {
      progress.firstRejects.append("\(reject.path.display): \(reject.reason)")
      Journal.record(
        .warning, "source \(id): \(reject.path.display) is left out: \(reject.reason)", event: .memberLeftOut,
        fields: [.source: id, .stage: Stage.unpack.rawValue])
    }
    try await flow.catalog.save(source: id, progress)
    flow.board.show(id, progress)
    if !clips.isEmpty { flow.events.yield(.clipsChanged) }
  }

  /// Takes in what was published and never got into the catalog, or was lost with it.
  mutating func recover() async throws {
    guard unpacking == nil else { return }
    for delivery in deliveries.indices {
      guard case .archive = deliveries[delivery], let origin = origin(delivery), !recovered.contains(origin) else {
        continue
      }
      recovered.insert(origin)
      var next = (archive(delivery)?.landed ?? 0) + 1
      while true {
        let path = flow.state.reports(id, origin: origin).appending(UnpackSpec.reportName(next))
        guard flow.exists(path) else { break }
        try await catalogue(try read(path), batch: next, delivery: delivery, origin: origin)
        next += 1
      }
    }
  }

  /// Gives back what was read, where the disk is too small for the archive and its clips.
  private mutating func discard(_ consumed: Int64, of current: Unpacking) async throws {
    guard budget.isPassingThrough, flow.source.isFetched, current.parts.count == 1 else { return }
    let name = status.files[files(of: current.delivery)[0]].name
    // Whole megabytes: a hole is made of blocks.
    let count = (consumed >> 20) << 20
    guard count > progress[current.origin, name].discarded else { return }
    // Written down first: what may be gone must never be read again.
    progress[current.origin, name].discarded = count
    try await flow.catalog.save(source: id, progress)
    let path = status.completed?.first { $0.name == name }?.path ?? status.files[files(of: current.delivery)[0]].path
    _ = try await BlockingThread.run(named: "discard") { try Durability.discard(first: count, of: path) }
  }

  /// An archive that cannot be gone on with, because its beginning was given back and only its beginning leads on, is
  /// fetched anew. The clips that came out of it stay.
  mutating func voidIfDiscarded() async throws {
    guard unpacking == nil else { return }
    for delivery in deliveries.indices where !isDone(delivery) {
      guard let archive = archive(delivery), archive.discarded > 0 else { continue }
      let report = flow.state.reports(id, origin: archive.origin).appending(UnpackSpec.reportName(archive.landed))
      let standing = try? read(report).standing
      if archive.discarded <= standing?.resumeOffset ?? 0 { continue }
      progress[archive.origin, archive.name].discarded = 0
      try await flow.catalog.save(source: id, progress)
      try Durability.removeTree(flow.state.fetched(id))
      Journal.record(
        .warning,
        "source \(id): \(archive.name.display) was given back to the disk as it was read, and cannot be gone on with "
          + "from its middle; it is fetched again, its clips stay", event: .archiveFetchedAnew, fields: [.source: id])
      throw BegunAnew()
    }
  }

  mutating func unpacked(_ outcome: Outcome) async throws {
    guard let current = unpacking else { return }
    unpacking = nil
    switch outcome {
    case .published: flow.board.finished(.unpack, made: true)
    case .stopped: return
    case .failed(let error):
      let isWhole = files(of: current.delivery).allSatisfy(isWhole)
      // A file may get its final name between being told of and being opened.
      if error.kind == .environment, current.parts.contains(where: { !flow.exists($0) }) { return }
      guard error.kind == .input else { throw error }
      if !isWhole {
        unstreamable.insert(current.origin)
        return
      }
      // Time does not mend an archive: it is told, and the others go on.
      let name = status.files[files(of: current.delivery)[0]].name
      progress[current.origin, name].cutShort = error.message
      progress[current.origin, name].isUnpacked = true
      try await flow.catalog.save(source: id, progress)
    }
  }
}
