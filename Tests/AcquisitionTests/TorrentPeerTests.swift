import Acquisition
import Foundation
import TestSupport
import Testing
import Vocabulary

/// Whole downloads from programs that are not ours.
@Suite(needsLibtorrentTool, .timeLimit(.minutes(10))) struct TorrentPeerTests {
  private static let made = ["a.bin": 700_001, "b/c.bin": 300_000, "b/empty": 0]

  @Test(
    .enabled(if: Tracker.isInstalled, "opentracker is not installed"),
    .enabled(if: TorrentPeer.Kind.transmission.isInstalled, "transmission-daemon is not installed"))
  func fromTransmissionByTracker() async throws {
    try await Scratch.with { directory in
      let fixture = TorrentFixture(directory: directory)
      let port = try LocalPort.free()
      let torrent = try fixture.make(Self.made, trackers: ["http://127.0.0.1:\(port)/announce"])
      let tracker = try Tracker(port: port, infoHashes: [torrent.infoHash], in: directory)
      let seed = try TorrentPeer(.transmission, torrent: torrent.file, folder: fixture.payload, in: directory)
      try await tracker.waitUntilSeeded(torrent.infoHash)
      let files = try await fixture.fetch(fixture.source(torrent.file.path), TorrentFixture.options())
      try fixture.check(files, Self.made)
      withExtendedLifetime((tracker, seed)) {}
    }
  }

  @Test(arguments: [TorrentPeer.Kind.aria2, .qbittorrent].filter(\.isInstalled))
  func fromNamedPeers(kind: TorrentPeer.Kind) async throws {
    try await Scratch.with { directory in
      let fixture = TorrentFixture(directory: directory)
      let torrent = try fixture.make(Self.made)
      let seed = try TorrentPeer(kind, torrent: torrent.file, folder: fixture.payload, in: directory)
      let files = try await fixture.fetch(fixture.source(torrent.file.path), TorrentFixture.options(peers: [seed]))
      try fixture.check(files, Self.made)
    }
  }

  @Test(arguments: LibtorrentTool.Version.allCases)
  func everyVersion(version: LibtorrentTool.Version) async throws {
    try await Scratch.with { directory in
      let fixture = TorrentFixture(directory: directory)
      let torrent = try fixture.make(Self.made, version)
      let seed = try await LibtorrentTool.seed(torrent, folder: fixture.payload)
      let options = TorrentFixture.options(peers: [seed])
      let files = try await fixture.fetch(fixture.source(torrent.file.path), options)
      try fixture.check(files, Self.made)
      // Again, without anybody to ask.
      seed.end()
      #expect(try await fixture.fetch(fixture.source(torrent.file.path), options) == files)
    }
  }

  @Test(arguments: LibtorrentTool.Version.allCases)
  func magnetLinks(version: LibtorrentTool.Version) async throws {
    try await Scratch.with { directory in
      let fixture = TorrentFixture(directory: directory)
      let torrent = try fixture.make(["": 500_000], version)
      let seed = try await LibtorrentTool.seed(torrent, folder: fixture.payload)
      let options = TorrentFixture.options(peers: [seed])
      let files = try await fixture.fetch(fixture.source(torrent.magnet), options)
      try fixture.check(files, ["": 500_000])
      // The metadata is kept.
      seed.end()
      #expect(try await fixture.fetch(fixture.source(torrent.magnet), options) == files)
    }
  }

  @Test(arguments: [
    (["*.bin"], ["a.bin", "b/c.bin"]), (["b/*"], ["b/c.bin", "b/empty"]), (["data/a*"], ["a.bin"]),
    (["[bc]*.bin", "a.bin"], ["a.bin", "b/c.bin"]),
  ]) func someFiles(patterns: [String], names: [String]) async throws {
    try await Scratch.with { directory in
      let fixture = TorrentFixture(directory: directory)
      let torrent = try fixture.make(Self.made)
      let seed = try await LibtorrentTool.seed(torrent, folder: fixture.payload)
      let source = fixture.source(torrent.file.path, files: patterns)
      let files = try await fixture.fetch(source, TorrentFixture.options(peers: [seed]))
      try fixture.check(files, Self.made.filter { names.contains($0.key) })
    }
  }

  @Test func theTorrentMayHaveAnAddress() async throws {
    try await Scratch.with { directory in
      let fixture = TorrentFixture(directory: directory)
      let torrent = try fixture.make(["": 100_000])
      let bytes = Array(try Data(contentsOf: torrent.file))
      let server = try RawServer { RawServer.reply($0.number == 1 ? 200 : 404, [], bytes) }
      let seed = try await LibtorrentTool.seed(torrent, folder: fixture.payload)
      let options = TorrentFixture.options(peers: [seed])
      let files = try await fixture.fetch(fixture.source(server.url("data.torrent")), options)
      try fixture.check(files, ["": 100_000])
      #expect(try await fixture.fetch(fixture.source(server.url("data.torrent")), options) == files)
      #expect(server.requests.count == 1)
    }
  }
}
