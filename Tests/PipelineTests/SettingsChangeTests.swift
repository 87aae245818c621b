import Pipeline
import Settings
import Testing
import Vocabulary

/// What a new configuration changes at once, and what waits for a restart.
struct SettingsChangeTests {
  private static let web = SourceSettings(id: "web", origin: .web(["https://a.example/x.tar"]))
  private static let torrent = SourceSettings(id: "swarm", origin: .torrent("magnet:?x", webSeeds: []))

  private static let old: Settings = {
    var settings = Settings()
    settings.sources = [web]
    return settings
  }()

  private static func changed(_ change: (inout Settings) -> Void) -> SettingsChange {
    var new = old
    change(&new)
    return SettingsChange(from: old, to: new)
  }

  @Test func nothing() {
    let change = Self.changed { _ in }
    #expect(change.inForce == Self.old && change.added.isEmpty)
    #expect(change.summary == "nothing in it has changed")
  }

  @Test func whatCanChangeChangesAtOnce() {
    let change = Self.changed {
      $0.schedule.retrainEvery = nil
      $0.schedule.retrainNewLabels = 7
      $0.features.workers = 3
    }
    #expect(change.summary == "changed now: schedule.retrain_every, schedule.retrain_new_labels, features.workers")
    #expect(change.inForce.schedule.retrainEvery == nil && change.inForce.features.workers == 3)
  }

  struct Waiting: Sendable, CustomTestStringConvertible {
    var key: String
    var change: @Sendable (inout Settings) -> Void
    var testDescription: String { key }
  }

  static let waiting = [
    Waiting(key: "state_dir") { $0.stateDirectory = "/elsewhere" },
    Waiting(key: "[download]") { $0.download.connections = 1 },
    Waiting(key: "[torrent]") { $0.torrent.port = 1 },
    Waiting(key: "[storage]") { $0.storage.reserve = 1 },
    Waiting(key: "[watch]") { $0.watch.settle = 9 },
    Waiting(key: "[labels]") { $0.labels.train = "x.csv" },
    Waiting(key: "[features]") { $0.features.backbones = ["other"] },
    Waiting(key: "[ensemble]") { $0.ensemble.batch = 8 },
    Waiting(key: "[control]") { $0.control.socket = "s" },
    Waiting(key: "[http]") { $0.http.listen = nil },
  ]

  @Test(arguments: waiting) func theRestWaits(row: Waiting) {
    let change = Self.changed(row.change)
    #expect(change.waiting == [row.key] && change.applied.isEmpty)
    #expect(change.inForce == Self.old, "what is in force is what the daemon does")
    #expect(change.summary == "after a restart: \(row.key)")
  }

  /// Nothing that can be configured is passed over in silence.
  @Test func everySectionOfTheSettingsIsLookedAt() {
    let sections = Mirror(reflecting: Settings()).children.compactMap(\.label)
    #expect(
      sections == [
        "stateDirectory", "sources", "download", "torrent", "storage", "watch", "labels", "features", "ensemble",
        "schedule", "control", "http",
      ], "SettingsChange has to know each")
  }

  @Test func aNewSourceIsFetchedAtOnce() {
    let local = SourceSettings(id: "disk", origin: .local(["/clips"]))
    let change = Self.changed { $0.sources.insert(local, at: 0) }
    #expect(change.added == [local] && change.applied == ["source disk"] && change.waiting.isEmpty)
    // Asked again, it is no news.
    var new = Self.old
    new.sources = [local, Self.web]
    #expect(SettingsChange(from: change.inForce, to: new).added.isEmpty)
  }

  @Test func aSourceThatChangesOrGoesWaits() {
    let change = Self.changed { $0.sources[0].retention = .deleteArchive }
    #expect(change.added.isEmpty && change.waiting == ["source web"] && change.inForce == Self.old)
    #expect(Self.changed { $0.sources = [] }.waiting == ["source web, which is gone"])
  }

  /// The first torrent needs the session that all torrents share, which is made at the start.
  @Test func onlyTheFirstTorrentWaits() {
    #expect(Self.changed { $0.sources.append(Self.torrent) }.waiting == ["source swarm"])
    var old = Self.old
    old.sources.append(Self.torrent)
    var new = old
    new.sources.append(SourceSettings(id: "second", origin: .torrent("magnet:?y", webSeeds: [])))
    #expect(SettingsChange(from: old, to: new).applied == ["source second"])
  }
}
