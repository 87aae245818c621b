import Acquisition
import Foundation
import Synchronization
import TestSupport
import Testing
import Vocabulary

@Suite(needsLibtorrentTool, .timeLimit(.minutes(10))) struct TorrentConformanceTests {
  @Test(arguments: FetcherCheck.allCases.filter { $0 != .full }) func conforms(check: FetcherCheck) async throws {
    try await check.run(TorrentSubject.self)
  }

  @Test(.enabled(if: SmallDisk.isPossible, "a small file system cannot be mounted here")) func aFullDisk() async throws
  {
    try await FetcherCheck.full.run(TorrentSubject.self)
  }
}

/// Three files from a seed of libtorrent's own.
final class TorrentSubject: FetcherSubject {
  static let exempt: [FetcherCheck: String] = [:]
  static let isCured = true

  private static let made = ["a.bin": 6 << 20, "b/c.bin": (3 << 20) + 77, "b/d.bin": 900_000]

  private let fixture: TorrentFixture
  private let torrent: LibtorrentTool.Torrent
  private let port: UInt16
  private let state = Mutex(State())

  private struct State {
    var peer: TorrentPeer?
    var isSlow = false
    var liar: TorrentPeer?
  }

  init(in directory: URL) async throws {
    fixture = TorrentFixture(directory: directory)
    torrent = try fixture.make(Self.made, pieceBytes: 64 << 10)
    port = try LocalPort.free()
    try await comeBack()
  }

  var files: [(name: String, bytes: [UInt8])] {
    Self.made.keys.sorted().map { ("data/\($0)", TorrentFixture.content($0, Self.made[$0] ?? 0)) }
  }

  var probe: [String] { ["torrent", torrent.file.path, "127.0.0.1:\(port)"] }

  func fetcher() throws -> any Fetcher {
    var options = TorrentFixture.options()
    options.peers = ["127.0.0.1:\(port)"] + state.withLock { $0.liar.map { [$0.address] } ?? [] }
    return ClosingFetcher(source: fixture.source(torrent.file.path), session: TorrentSession(options: options))
  }

  func throttle(_ isSlow: Bool) async throws {
    state.withLock { $0.isSlow = isSlow }
    try await vanish()
    try await comeBack()
  }

  func vanish() async throws {
    state.withLock { state in
      state.peer?.end()
      state.peer = nil
    }
  }

  func comeBack() async throws {
    let isSlow = state.withLock { $0.isSlow }
    let peer = try await LibtorrentTool.seed(torrent, folder: fixture.payload, port: port, rate: isSlow ? 2 << 20 : 0)
    state.withLock { $0.peer = peer }
  }

  func corrupt() async throws {
    let liar = try await LibtorrentTool.seed(torrent, folder: fixture.copyOfPayload(), corrupts: true)
    state.withLock { $0.liar = liar }
  }
}

/// A fetch with a session of its own, as if the daemon had been started for it.
struct ClosingFetcher: Fetcher {
  let source: TorrentSource
  let session: TorrentSession

  func fetch(into directory: BytePath, flow: FetchFlow) async throws -> [FetchedFile] {
    defer { session.close() }
    return try await TorrentFetcher(source: source, session: session).fetch(into: directory, flow: flow)
  }
}
