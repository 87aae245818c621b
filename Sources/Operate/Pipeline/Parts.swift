internal import Cataloguing
internal import Executors
internal import Foundation
internal import Journal
internal import Settings
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

  /// Seconds between two looks at what tells nothing by itself: label files, back-offs.
  private static let tick = 5.0

  /// Returns after a signal; throws when a part fails in a way that only a restart can mend.
  func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await conductor.conduct() }
      group.addTask { await listing.answer() }
      group.addTask { try await keepTime() }
      for source in configuration.sources {
        let flow = SourceFlow(
          source: source, state: configuration.state, catalog: catalog, executor: executor, board: board,
          events: conductor.inbox, pause: pause, alarms: alarms, reserve: configuration.reserve)
        group.addTask { try await flow.run() }
      }
      for folder in configuration.folders { group.addTask { try await watch(folder) } }
      // Sources that are complete return, too: only the signal and errors end the daemon.
      group.addTask {
        await Signals.next()
        throw Stopped()
      }
      do {
        // Not waitForAll, which waits for the others after an error: the first to throw ends them all.
        while try await group.next() != nil {}
      } catch is Stopped {
        group.cancelAll()
      }
    }
  }

  private struct Stopped: Error {}

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

  /// Ticks, and tells systemd that the conductor still turns.
  private func keepTime() async throws {
    let period = min(Self.tick, (ServiceManager.watchdogPeriod ?? .infinity) / 3)
    while true {
      try await Task.sleep(for: .seconds(period))
      conductor.inbox.yield(.tick)
      _ = await conductor.isAlive()
      ServiceManager.ping()
      ServiceManager.status(board.headline)
    }
  }
}
