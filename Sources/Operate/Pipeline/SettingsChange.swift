package import Settings

/// What a new configuration means for a daemon that runs: what can change while units are under way does, the rest waits.
package struct SettingsChange: Equatable, Sendable {
  /// What is in force from now on: the old settings, with what can change taken from the new ones.
  package private(set) var inForce: Settings
  /// Sources that are fetched from now on.
  package private(set) var added: [SourceSettings] = []
  /// Keys and tables that have changed, as people know them.
  package private(set) var applied: [String] = []
  package private(set) var waiting: [String] = []

  package init(from old: Settings, to new: Settings) {
    inForce = old
    apply("schedule.retrain_every", \.schedule.retrainEvery, new)
    apply("schedule.retrain_new_labels", \.schedule.retrainNewLabels, new)
    apply("features.workers", \.features.workers, new)
    add(new.sources)
    wait("state_dir", \.stateDirectory, new)
    wait("[download]", \.download, new)
    wait("[torrent]", \.torrent, new)
    wait("[storage]", \.storage, new)
    wait("[watch]", \.watch, new)
    wait("[labels]", \.labels, new)
    wait("[features]", \.features, new)
    wait("[ensemble]", \.ensemble, new)
    wait("[control]", \.control, new)
    wait("[http]", \.http, new)
  }

  /// For people.
  package var summary: String {
    var parts: [String] = []
    if !applied.isEmpty { parts.append("changed now: \(applied.joined(separator: ", "))") }
    if !waiting.isEmpty { parts.append("after a restart: \(waiting.joined(separator: ", "))") }
    return parts.isEmpty ? "nothing in it has changed" : parts.joined(separator: "; ")
  }

  private mutating func apply<Value: Equatable>(
    _ key: String, _ path: WritableKeyPath<Settings, Value>, _ new: Settings
  ) {
    if inForce[keyPath: path] == new[keyPath: path] { return }
    inForce[keyPath: path] = new[keyPath: path]
    applied.append(key)
  }

  private mutating func wait(_ key: String, _ path: KeyPath<Settings, some Equatable>, _ new: Settings) {
    if inForce[keyPath: path] != new[keyPath: path] { waiting.append(key) }
  }

  /// A source whose clips are on their way cannot become another, nor vanish; the first torrent needs what all torrents share.
  private mutating func add(_ sources: [SourceSettings]) {
    let hasTorrents = inForce.sources.contains(where: \.isTorrent)
    for source in sources {
      let known = inForce.sources.first { $0.id == source.id }
      if known == source { continue }
      if known != nil || (source.isTorrent && !hasTorrents) {
        waiting.append("source \(source.id)")
      } else {
        added.append(source)
        inForce.sources.append(source)
        applied.append("source \(source.id)")
      }
    }
    let kept = Set(sources.map(\.id))
    waiting += inForce.sources.filter { !kept.contains($0.id) }.map { "source \($0.id), which is gone" }
  }
}

extension SourceSettings {
  fileprivate var isTorrent: Bool { if case .torrent = origin { true } else { false } }
}
