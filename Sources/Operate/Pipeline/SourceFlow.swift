internal import Acquisition
internal import Cataloguing
internal import Durability
internal import Executors
internal import Foundation
internal import Journal
internal import Settings
internal import Subprocesses
internal import Vocabulary
internal import WorkUnits

/// Brings one source's clips into the catalog: fetch, unpack and land, all at the same time. What it has done is durable
/// batch by batch, so a crash costs at most the batches under way.
struct SourceFlow: Sendable {
  let source: Configuration.Source
  let state: StateDirectory
  let catalog: Catalog
  let executor: any Executor
  let board: StatusBoard
  let events: AsyncStream<Event>.Continuation
  let pause: PauseSwitch
  let alarms: Alarms
  /// Bytes that stay free on the state directory's file system; nil for the default.
  let reserve: Int64?

  /// Returns when the source is complete and has nothing left to give, or the task is cancelled. Trouble is shown, waited
  /// out and tried again.
  func run() async throws {
    var backoff = Backoff()
    while !Task.isCancelled {
      do {
        try await advance()
        return
      } catch is CancellationError {
        return
      } catch is SourcePassage.BegunAnew {
        continue
      } catch {
        if (error as? AcquisitionError)?.isPermanent == true { try await withdrawProvisional() }
        try await wait(after: error, &backoff)
      }
    }
  }

  private func advance() async throws {
    let key = try source.key()
    var progress = try await catalog.source(source.id) ?? SourceProgress(settings: key)
    if progress.settings != key { progress = SourceProgress(settings: key) }
    if progress.isComplete && !isWhole(progress) {
      // Somebody who removes clips wants them again.
      progress = SourceProgress(settings: key)
      try Durability.removeTree(state.source(source.id).appending("reports"))
    }
    board.show(source.id, progress)
    if progress.isComplete {
      board.source(source.id) { $0.state = .complete }
      events.yield(.source(source.id, isActive: false))
      guard source.seeds else { return }
    } else {
      events.yield(.source(source.id, isActive: true))
    }
    var passage = try SourcePassage(flow: self, progress: progress)
    try await passage.run()
  }

  /// Whether what a complete source has brought is still there, as far as it is kept.
  private func isWhole(_ progress: SourceProgress) -> Bool {
    progress.archives.allSatisfy { archive in
      archive.landed == 0 || exists(state.reports(source.id, origin: archive.origin))
    } && (!source.settings.retention.keepsClips || progress.members == 0 || exists(state.clips(source: source.id)))
  }

  /// The archive is not what its publisher made: what came out of it goes.
  private func withdrawProvisional() async throws {
    let root = state.clips(source: source.id)
    while true {
      let gone = try await catalog.withdrawProvisional(root: root, limit: 1000)
      if gone.isEmpty { return }
      // What is fetched from now on is unpacked from its beginning.
      try await catalog.save(source: source.id, SourceProgress(settings: try source.key()))
      try Durability.removeTree(state.source(source.id).appending("reports"))
      try await BlockingThread.run(named: "withdraw") { for file in gone { try Durability.removeTree(file.file) } }
      events.yield(.clipsChanged)
    }
  }

  private func wait(after error: any Error, _ backoff: inout Backoff) async throws {
    let permanent = (error as? AcquisitionError)?.isPermanent ?? ((error as? WorkError)?.kind == .input)
    backoff.failed(permanent ? .input : .environment, now: 0)
    let seconds = permanent ? 600 : backoff.until ?? 600
    let next = "tried again \(board.inSeconds(seconds))"
    board.source(source.id) {
      $0.state = .failed; $0.problem = "\(error)"
    }
    board.failed(error is AcquisitionError ? .download : .unpack)
    board.problem("source \(source.id)", "\(error)", next: next)
    Journal.record(
      permanent ? .error : .warning, "source \(source.id): \(error) (\(next))", event: .sourceFailed,
      fields: [.source: source.id])
    events.yield(.source(source.id, isActive: false))
    if try await alarms.sleep(source.id, seconds: seconds) { backoff.succeeded() }
  }

  func exists(_ path: BytePath) -> Bool { FileManager.default.fileExists(atPath: path.display) }
}
