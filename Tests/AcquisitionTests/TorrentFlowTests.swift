import Acquisition
import Foundation
import TestSupport
import Testing
import Vocabulary

/// Web seeds, windows and seeding.
@Suite(needsLibtorrentTool, .timeLimit(.minutes(10))) struct TorrentFlowTests {
  private static let made = ["a.bin": 1_500_000, "b/ü.bin": 900_000]

  /// Nobody but a web server that only our own settings name; interrupted and gone on with.
  @Test(.enabled(if: Nginx.isInstalled, "nginx is not installed"), arguments: LibtorrentTool.Version.allCases)
  func aWebSeedAlone(version: LibtorrentTool.Version) async throws {
    try await Scratch.with { directory in
      let fixture = TorrentFixture(directory: directory)
      let torrent = try fixture.make(Self.made, version)
      let slow = try Nginx(serving: fixture.payload, in: directory, location: "limit_rate 1m;")
      await #expect(throws: CancellationError.self) {
        let source = fixture.source(torrent.file.path, webSeeds: [slow.url("")])
        // A web seed is a seed, and the peer of nobody else.
        try await fixture.fetch(source, TorrentFixture.options()) { status, _ in
          status.bytes < 100_000 || status.seeds != 1 || status.peers != 1
        }
      }
      let seen = Seen()
      let nginx = try Nginx(serving: fixture.payload, in: directory)
      let source = fixture.source(torrent.file.path, webSeeds: [nginx.url("")])
      let files = try await fixture.fetch(source, TorrentFixture.options()) { status, _ in seen.note(status) }
      try fixture.check(files, Self.made)
      #expect(seen.all.first { $0.bytes > 0 }.map { $0.bytes >= 100_000 } == true, "what had come was kept")
    }
  }

  /// A reader that lets so much come and takes it before it lets more: nothing stands still, nothing comes early.
  @Test func aWindowThatMoves() async throws {
    try await Scratch.with { directory in
      let fixture = TorrentFixture(directory: directory)
      let torrent = try fixture.make(Self.made)
      let seed = try await LibtorrentTool.seed(torrent, folder: fixture.payload)
      var demand = FetchDemand()
      demand.isInOrder = true
      demand.horizon = 300_000
      let seen = Seen()
      let source = fixture.source(torrent.file.path, keepsPayload: false)
      let files = try await fixture.fetch(source, TorrentFixture.options(peers: [seed]), demand: demand) {
        status, flow in
        seen.note(status)
        #expect(status.bytes <= flow.demand.horizon)
        let prefix = status.files.reduce((0, true)) { sum, file in
          sum.1 ? (sum.0 + file.prefix, file.prefix == file.total) : sum
        }.0
        flow.demand.horizon = prefix + 300_000
        return true
      }
      try fixture.check(files, Self.made)
      #expect(
        !seen.notes.contains { $0.contains("every hash") }, "what was read in order was checked before it was read")
    }
  }

  @Test func seedsAsLongAsItShould() async throws {
    try await Scratch.with { directory in
      let fixture = TorrentFixture(directory: directory)
      let torrent = try fixture.make(["": 500_000])
      let seed = try await LibtorrentTool.seed(torrent, folder: fixture.payload)
      var options = TorrentFixture.options(peers: [seed])
      options.seedRatio = 0.9
      let session = TorrentSession(options: options)
      let flow = FetchFlow()
      let fetcher = TorrentFetcher(source: fixture.source(torrent.file.path), session: session)
      let seeding = Task { try await fetcher.fetch(into: BytePath(fixture.folder.path), flow: flow) }
      for await status in flow.statuses where status.completed != nil { break }
      seed.end()
      // It returns once somebody has taken nearly all of it.
      var others = TorrentFixture.options()
      others.peers = ["127.0.0.1:\(session.port)"]
      let other = TorrentFixture(directory: directory.appending(path: "other"))
      try other.checkSingle(try await other.fetch(other.source(torrent.file.path), others), 500_000)
      try fixture.checkSingle(try await seeding.value, 500_000)
      session.close()
    }
  }

  @Test func aLimitHolds() async throws {
    try await Scratch.with { directory in
      let fixture = TorrentFixture(directory: directory)
      let torrent = try fixture.make(["": 3 << 20])
      let seed = try await LibtorrentTool.seed(torrent, folder: fixture.payload)
      var options = TorrentFixture.options(peers: [seed])
      options.downloadBytesPerSecond = 1 << 20
      let clock = ContinuousClock()
      let taken = try await clock.measure {
        try fixture.checkSingle(try await fixture.fetch(fixture.source(torrent.file.path), options), 3 << 20)
      }
      #expect(taken > .seconds(1.5))
    }
  }
}

extension TorrentFixture {
  func checkSingle(_ files: [FetchedFile], _ count: Int) throws { try check(files, ["": count]) }
}
