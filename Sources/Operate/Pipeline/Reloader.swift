internal import Acquisition
internal import Foundation
internal import Journal
internal import Settings
private import Synchronization
internal import Vocabulary

/// Reads the configuration again while the daemon runs: on SIGHUP, and when people ask. A wrong file is refused, and the
/// settings in force stay.
final class Reloader: Sendable {
  private let file: BytePath
  private let settings: Mutex<Settings>
  private let torrents: TorrentSession?
  private let events: AsyncStream<Event>.Continuation
  /// Sources that a new configuration has added, for one reader.
  let added: AsyncStream<[Configuration.Source]>
  private let adding: AsyncStream<[Configuration.Source]>.Continuation

  /// - Parameters:
  ///   - settings: those in force, which came from `file`.
  ///   - torrents: what all torrents share; nil where there is none.
  init(file: BytePath, settings: Settings, torrents: TorrentSession?, events: AsyncStream<Event>.Continuation) {
    self.file = file
    self.settings = Mutex(settings)
    self.torrents = torrents
    self.events = events
    (added, adding) = AsyncStream.makeStream()
  }

  /// Those of the start and those that were added since.
  var sources: [SourceSettings] { settings.withLock(\.sources) }

  /// Blocks while it reads. The journal is told, whoever asked; what is thrown is the answer to who did. Several at once take turns.
  ///
  /// - Returns: what has changed and what waits for a restart, for a person.
  func reload() throws(SettingsProblems) -> String {
    ServiceManager.reloading()
    defer { ServiceManager.ready() }
    do {
      let summary = try settings.withLock { settings throws(SettingsProblems) in try apply(to: &settings) }
      Journal.record(.notice, "the configuration was read again; \(summary)", event: .configurationReloaded)
      return summary
    } catch {
      Journal.record(.error, "what was in force stays: \(error)", event: .configurationRefused)
      throw error
    }
  }

  private func apply(to settings: inout Settings) throws(SettingsProblems) -> String {
    let new = try Settings.load(file)
    let backbones = try new.checkedBackbones()
    let change = SettingsChange(from: settings, to: new)
    settings = change.inForce
    let fetchers = Fetchers(settings, session: torrents)
    let added = change.added.map(fetchers.source)
    // The conductor hears of a source before the source works, or it would take its end for all there is.
    events.yield(
      .reloaded(
        Reconfiguration(
          schedule: World.Schedule(settings.schedule), slots: settings.slots(backbones), added: added)))
    if !added.isEmpty { adding.yield(added) }
    return change.summary
  }
}

/// What changes while the conductor works.
struct Reconfiguration: Sendable {
  var schedule: World.Schedule
  /// Units at once.
  var slots: Int
  var added: [Configuration.Source]
}
