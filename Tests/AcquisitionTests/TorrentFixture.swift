import Acquisition
import Foundation
import Synchronization
import TestSupport
import Testing
import Vocabulary

/// A payload, a torrent of it, and a place to fetch it into.
struct TorrentFixture {
  let directory: URL
  var payload: URL { directory.appending(path: "payload") }
  var folder: URL { directory.appending(path: "sources") }

  /// Makes `payload/NAME/...` with the same bytes every time, and its torrent.
  func make(
    _ files: [String: Int], name: String = "data", _ version: LibtorrentTool.Version = .v1, pieceBytes: Int = 16 << 10,
    trackers: [String] = [], webSeeds: [String] = []
  ) throws -> LibtorrentTool.Torrent {
    for (path, count) in files {
      let file = payload.appending(path: path == "" ? name : "\(name)/\(path)")
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(Self.content(path, count)).write(to: file)
    }
    return try LibtorrentTool.make(
      payload.appending(path: name), as: directory.appending(path: "\(name).torrent"), version, pieceBytes: pieceBytes,
      trackers: trackers, webSeeds: webSeeds)
  }

  static func content(_ path: String, _ count: Int) -> [UInt8] {
    Bytes.random(count, seed: path.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
  }

  /// Another folder with the same files, for a seed that will change or lose them.
  func copyOfPayload() throws -> URL {
    let copy = directory.appending(path: "copy-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: payload, to: copy)
    return copy
  }

  static func options(peers: [TorrentPeer] = []) -> TorrentOptions {
    var options = TorrentOptions()
    options.interface = "127.0.0.1"
    options.dht = false
    options.allowsPrivateAddresses = true
    options.peers = peers.map(\.address)
    return options
  }

  func source(
    _ torrent: String, webSeeds: [String] = [], files: [String] = [], keepsPayload: Bool = true
  ) -> TorrentSource {
    TorrentSource(id: "test", torrent: torrent, webSeeds: webSeeds, files: files, keepsPayload: keepsPayload)
  }

  /// Fetches to the end. `watch` sees each status and may cancel by returning false.
  @discardableResult
  func fetch(
    _ source: TorrentSource, _ options: TorrentOptions, demand: FetchDemand = FetchDemand(),
    watch: @escaping @Sendable (FetchStatus, FetchFlow) -> Bool = { _, _ in true }
  ) async throws -> [FetchedFile] {
    let session = TorrentSession(options: options)
    defer { session.close() }
    let flow = FetchFlow(keepingAll: true)
    flow.demand = demand
    let fetcher = TorrentFetcher(source: source, session: session)
    let into = BytePath(folder.path)
    return try await withThrowingTaskGroup(of: [FetchedFile]?.self) { group in
      group.addTask {
        defer { flow.finish() }
        return try await fetcher.fetch(into: into, flow: flow)
      }
      group.addTask {
        for await status in flow.statuses where !watch(status, flow) { throw CancellationError() }
        return nil
      }
      var files: [FetchedFile] = []
      while let result = try await group.next() { files = result ?? files }
      return files
    }
  }

  func bytes(_ file: FetchedFile) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: file.path.display)))
  }

  /// Whether the files are those that `make` made, and no others.
  func check(_ files: [FetchedFile], _ made: [String: Int], name: String = "data") throws {
    #expect(
      files.map(\.name.display)
        == made.keys.map { $0 == "" ? name : "\(name)/\($0)" }.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    for file in files {
      let path = file.name.display == name ? "" : String(file.name.display.dropFirst(name.count + 1))
      let content = Self.content(path, made[path] ?? 0)
      #expect(file.bytes == Int64(content.count) && file.isOurs)
      #expect(try bytes(file) == content, "\(file.name) has other bytes")
    }
  }
}

/// Why a test with real peers does not run.
let needsLibtorrentTool: any TestTrait & SuiteTrait = .enabled(
  if: LibtorrentTool.isInstalled, "python3-libtorrent is not installed; scripts/setup --with-tests installs it")

/// What a fetch has told.
final class Seen: Sendable {
  private let statuses = Mutex<[FetchStatus]>([])

  var all: [FetchStatus] { statuses.withLock { $0 } }
  var first: FetchStatus { all.first ?? FetchStatus() }
  var last: FetchStatus { all.last ?? FetchStatus() }
  var count: Int { all.count }
  var notes: [String] { all.compactMap(\.note) }

  /// True, to go on.
  @discardableResult
  func note(_ status: FetchStatus) -> Bool {
    statuses.withLock { $0.append(status) }
    return true
  }
}
