internal import Cataloguing
internal import Executors
internal import Foundation
internal import Journal
internal import Settings
internal import Subprocesses
internal import Vocabulary
internal import Watching

/// Everything that runs side by side in a daemon, as children of one group: when one ends, all do.
struct Parts {
  let settings: Settings
  let configuration: Configuration
  let catalog: Catalog
  let executor: any Executor
  let conductor: Conductor
  let board: StatusBoard
  let listing: Listing
  let pause: PauseSwitch
  let alarms: Alarms
  let reloader: Reloader

  /// Seconds between two looks at what tells nothing by itself: label files, back-offs.
  private static let tick = 5.0

  /// Returns after a signal; throws when a part fails in a way that only a restart can mend.
  func run() async throws {
    // What a child leaves behind is sources to fetch, if a new configuration brought any.
    try await withThrowingTaskGroup(of: [Configuration.Source].self) { group in
      func run(_ part: @escaping @Sendable () async throws -> Void) {
        group.addTask {
          try await part()
          return []
        }
      }
      run { try await conductor.conduct() }
      run { await listing.answer() }
      run { try await keepTime() }
      run { try await obeyHangups() }
      for source in configuration.sources { run { try await fetch(source) } }
      for folder in configuration.folders { run { try await watch(folder) } }
      // Sources that are complete return, too: only the signal and errors end the daemon.
      run {
        await Signals.next()
        throw Stopped()
      }
      group.addTask { await added() }
      do {
        // Not waitForAll, which waits for the others after an error: the first to throw ends them all.
        while let sources = try await group.next() {
          if sources.isEmpty { continue }
          for source in sources { run { try await fetch(source) } }
          group.addTask { await added() }
        }
      } catch is Stopped {
        group.cancelAll()
      }
    }
  }

  private struct Stopped: Error {}

  private func fetch(_ source: Configuration.Source) async throws {
    try await SourceFlow(
      source: source, state: configuration.state, catalog: catalog, executor: executor, board: board,
      events: conductor.inbox, pause: pause, alarms: alarms, reserve: configuration.reserve
    ).run()
  }

  /// The next sources that a new configuration adds; none when the task is cancelled.
  private func added() async -> [Configuration.Source] {
    for await sources in reloader.added { return sources }
    return []
  }

  private func obeyHangups() async throws {
    for await _ in Signals.hangups {
      // What is wrong with the file is told in the journal.
      _ = try await BlockingThread.run(named: "reload") { try? reloader.reload() }
    }
  }

  private func watch(_ folder: BytePath) async throws {
    let options = WatchOptions(
      mode: settings.watch.mode == .scan ? .scan : .auto, settle: settings.watch.settle, rescan: settings.watch.rescan,
      tables: configuration.sidecars)
    let watcher = FolderWatcher(folder: folder, options: options)
    let flow = FolderFlow(
      folder: folder, catalog: catalog, board: board, events: conductor.inbox,
      named: [configuration.trainLabels, configuration.submissionFormat])
    watcher.start()
    defer { watcher.stop() }
    try await flow.run(watcher.events)
  }

  /// Ticks, and tells systemd while the conductor still turns.
  private func keepTime() async throws {
    let period = min(Self.tick, (ServiceManager.watchdogPeriod ?? .infinity) / 3)
    var isStuck = false
    while true {
      try await Task.sleep(for: .seconds(period))
      conductor.inbox.yield(.tick)
      let wasStuck = isStuck
      isStuck = await !conductor.pulse.isFelt()
      if !isStuck { ServiceManager.ping() }
      if isStuck && !wasStuck {
        Journal.record(
          .error,
          "nothing has moved for \(Pulse.patience.components.seconds / 60) minutes: a disk or file system may hang; "
            + "systemd replaces the daemon")
      }
      ServiceManager.status(board.headline)
    }
  }
}
