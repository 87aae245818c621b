internal import Acquisition
internal import Cataloguing
internal import Durability
internal import Executors
internal import Foundation
internal import Journal
internal import Vocabulary
internal import Watching
internal import WorkUnits

/// Brings one source's clips into the catalog: download, unpack, land. Each state it reaches is durable before the next is
/// begun, so a crash costs at most the step under way (and a download resumes).
struct SourceFlow: Sendable {
  let source: Configuration.Source
  let state: StateDirectory
  let catalog: Catalog
  let executor: any Executor
  let board: StatusBoard
  let events: AsyncStream<Event>.Continuation

  private static let landingBatch = 1000
  /// The rest is in the archive's list of members only.
  private static let rejectsTold = 20

  /// Returns when the source is complete, or the task is cancelled. Trouble is shown, waited out and tried again.
  func run() async throws {
    var backoff = Backoff()
    while !Task.isCancelled {
      do {
        events.yield(.source(source.id, isActive: true))
        try await advance()
        board.source(source.id) {
          $0.state = "complete"; $0.problem = nil
        }
        board.solved("source \(source.id)")
        events.yield(.source(source.id, isActive: false))
        return
      } catch is CancellationError {
        return
      } catch {
        try await wait(after: error, &backoff)
      }
    }
  }

  /// One step after the other until the source is complete.
  private func advance() async throws {
    let key = try source.key()
    var progress = try await catalog.source(source.id) ?? SourceProgress(settings: key)
    if progress.settings != key { progress = SourceProgress(settings: key) }
    while true {
      switch progress.state {
      case .wanted: progress = try await download(progress)
      case .downloaded: progress = try await unpack(progress)
      case .complete:
        board.source(source.id) { [progress] in
          $0.bytes = progress.bytes ?? 0
          $0.totalBytes = progress.bytes
          $0.members = progress.members
          $0.rejects = progress.rejects
          $0.firstRejects = progress.firstRejects
        }
        showCut(progress.cutShort)
        // Somebody who removes either wants it made again.
        guard exists(state.clips(source: source.id)), progress.archiveDigest.map({ exists(members(of: $0)) }) == true
        else {
          progress.state = .downloaded
          continue
        }
        return
      }
      try await catalog.save(source: source.id, progress)
    }
  }

  private func download(_ before: SourceProgress) async throws -> SourceProgress {
    var progress = before
    board.source(source.id) { $0.state = "downloading" }
    board.began(source.id, of: .download)
    defer { board.ended(source.id, of: .download) }
    let file = try await fetch()
    board.finished(.download, made: true)
    progress.archive = file.path
    progress.archiveDigest = file.identity
    progress.bytes = file.bytes
    progress.state = .downloaded
    Journal.record(
      .info, "source \(source.id) is here: \(file.path), \(file.bytes) bytes",
      fields: [.source: source.id, .stage: Stage.download.rawValue])
    return progress
  }

  /// The one file of the source: a file of this machine where its address says so, else from its mirrors.
  private func fetch() async throws -> FetchedFile {
    let local = source.urls.compactMap(LocalAddress.path)
    let fetcher: any Fetcher =
      local.isEmpty
      ? HTTPFetcher(source: HTTPSource(id: source.id, urls: source.urls, digest: source.digest))
      : LocalFetcher(id: source.id, paths: Array(local.prefix(1)), digest: source.digest)
    let flow = FetchFlow()
    async let told: Void = show(flow)
    defer { flow.finish() }
    let files = try await fetcher.fetch(into: state.source(source.id), flow: flow)
    flow.finish()
    await told
    guard files.count == 1, let file = files.first else {
      throw WorkError(.input, "source \(source.id) has \(files.count) files; name the archive itself")
    }
    return file
  }

  private func show(_ flow: FetchFlow) async {
    for await status in flow.statuses { board.downloaded(source.id, bytes: status.bytes, of: status.total) }
  }

  private func unpack(_ before: SourceProgress) async throws -> SourceProgress {
    var progress = before
    guard let archive = progress.archive, let digest = progress.archiveDigest, exists(archive) else {
      progress.state = .wanted
      return progress
    }
    board.source(source.id) { [progress] in
      $0.state = "unpacking"; $0.bytes = progress.bytes ?? 0; $0.totalBytes = progress.bytes
    }
    let folder = state.clips(source: source.id)
    let report = members(of: digest)
    // The report is the commit point: one without its folder says nothing.
    if !exists(folder) { try Durability.removeTree(report) }
    if !exists(report) {
      let unit = WorkUnit(
        name: "unpack \(source.id)", spec: .unpack(UnpackSpec(archive: archive, limits: UnpackLimits())),
        publications: [
          Publication(staged: UnpackSpec.filesName, destination: folder),
          Publication(staged: UnpackSpec.reportName, destination: report),
        ])
      board.began(unit.name, of: .unpack)
      defer { board.ended(unit.name, of: .unpack) }
      try await executor.run(unit) { [board, id = source.id] progress in
        board.source(id) { $0.members = progress.done }
        board.progressed(unit.name, of: .unpack, progress)
      }
      board.finished(.unpack, made: true)
    }
    guard let data = FileManager.default.contents(atPath: report.display) else {
      throw WorkError(.environment, "\(report): cannot be read")
    }
    let members = try CanonicalJSON.decode(UnpackReport.self, from: data)
    try await land(members, in: folder)
    progress.members = members.members.count
    progress.rejects = members.rejects.count
    progress.firstRejects = members.rejects.prefix(Self.rejectsTold).map { "\($0.path.display): \($0.reason)" }
    progress.cutShort = members.cutShort
    progress.state = .complete
    tell(members)
    return progress
  }

  private func land(_ report: UnpackReport, in folder: BytePath) async throws {
    let clips = report.members.filter { ClipSuffix.isClip($0.path) }
    for start in stride(from: 0, to: clips.count, by: Self.landingBatch) {
      let batch = clips[start..<min(start + Self.landingBatch, clips.count)]
      _ = try await catalog.land(
        batch.map {
          Landing(root: folder, path: $0.path, clip: ClipID($0.digest), bytes: $0.bytes, modified: $0.modified)
        })
      events.yield(.clipsChanged)
    }
    try await catalog.retain(root: folder, paths: Set(clips.map(\.path)))
    events.yield(.clipsChanged)
  }

  private func tell(_ report: UnpackReport) {
    Journal.record(
      .info, "source \(source.id) is unpacked: \(report.members.count) members, \(report.rejects.count) rejected",
      fields: [.source: source.id, .stage: Stage.unpack.rawValue])
    for reject in report.rejects.prefix(Self.rejectsTold) {
      Journal.record(
        .warning, "source \(source.id): \(reject.path.display) is left out: \(reject.reason)",
        fields: [.source: source.id, .stage: Stage.unpack.rawValue])
    }
  }

  private func showCut(_ reason: String?) {
    let subject = "archive of \(source.id)"
    guard let reason else { return board.solved(subject) }
    board.problem(
      subject, "it was read only in part: \(reason); what came before is used",
      next: "replace the archive at its address, then remove \(state.source(source.id)) and restart")
  }

  private func wait(after error: any Error, _ backoff: inout Backoff) async throws {
    let permanent = (error as? AcquisitionError)?.isPermanent ?? ((error as? WorkError)?.kind == .input)
    backoff.failed(permanent ? .input : .environment, now: 0)
    let seconds = permanent ? 600 : backoff.until ?? 600
    let next = "tried again \(board.inSeconds(seconds))"
    board.source(source.id) {
      $0.state = "failed"; $0.problem = "\(error)"
    }
    board.failed(error is AcquisitionError ? .download : .unpack)
    board.problem("source \(source.id)", "\(error)", next: next)
    Journal.record(
      permanent ? .error : .warning, "source \(source.id): \(error) (\(next))", fields: [.source: source.id])
    events.yield(.source(source.id, isActive: false))
    try await Task.sleep(for: .seconds(seconds))
  }

  /// The list of an archive's members, good and left out.
  private func members(of archive: Digest) -> BytePath {
    state.source(source.id).appending("members-\(archive.short).json")
  }

  private func exists(_ path: BytePath) -> Bool { FileManager.default.fileExists(atPath: path.display) }
}
