import Acquisition
import Foundation
import Subprocesses
import Synchronization
import TestSupport
import Testing
import Vocabulary

/// Peers that lie, disks that forget, and what must never be done.
@Suite(needsLibtorrentTool, .timeLimit(.minutes(10))) struct TorrentFaultTests {
  private static let made = ["a.bin": 700_001, "b.bin": 300_000]

  @Test func aLiarAloneNeverCompletes() async throws {
    try await Scratch.with { directory in
      let fixture = TorrentFixture(directory: directory)
      let torrent = try fixture.make(Self.made)
      let liar = try await LibtorrentTool.seed(torrent, folder: fixture.copyOfPayload(), corrupts: true)
      let seen = Seen()
      await #expect(throws: CancellationError.self) {
        try await fixture.fetch(fixture.source(torrent.file.path), TorrentFixture.options(peers: [liar])) { status, _ in
          seen.note(status)
          return status.note?.contains("wrong hash") != true
        }
      }
      #expect(seen.last.bytes == 0 && seen.last.completed == nil)
      #expect(seen.last.files.allSatisfy { $0.prefix == 0 })
    }
  }

  /// The resume data says that all is here; only our own pass can find out that it is not.
  @Test(arguments: LibtorrentTool.Version.allCases)
  func whatTheDiskForgotIsFetchedAgain(version: LibtorrentTool.Version) async throws {
    try await Scratch.with { directory in
      let fixture = TorrentFixture(directory: directory)
      let torrent = try fixture.make(Self.made, version)
      let seed = try await LibtorrentTool.seed(torrent, folder: fixture.payload)
      let source = fixture.source(torrent.file.path)
      let options = TorrentFixture.options(peers: [seed])
      let before = try await fixture.fetch(source, options)
      let handle = try FileHandle(forUpdating: URL(filePath: before[0].path.display))
      try handle.seek(toOffset: 400_000)
      try handle.write(contentsOf: [0, 1, 2, 3])
      try handle.close()
      let seen = Seen()
      let after = try await fixture.fetch(source, options) { status, _ in seen.note(status) }
      try fixture.check(after, Self.made)
      #expect(after.map(\.identity) != before.map(\.identity), "what was read before is void")
      #expect(seen.notes.contains { $0.contains("checking every hash once more") })
    }
  }

  @Test func aFileThatIsGoneIsFetchedAgain() async throws {
    try await Scratch.with { directory in
      let fixture = TorrentFixture(directory: directory)
      let torrent = try fixture.make(Self.made)
      let seed = try await LibtorrentTool.seed(torrent, folder: fixture.payload)
      let source = fixture.source(torrent.file.path)
      let files = try await fixture.fetch(source, TorrentFixture.options(peers: [seed]))
      try FileManager.default.removeItem(atPath: files[1].path.display)
      #expect(try await fixture.fetch(source, TorrentFixture.options(peers: [seed])) == files)
      try fixture.check(files, Self.made)
    }
  }

  @Test(arguments: [false, true]) func anAddressThatIsNotPublic(isAllowed: Bool) async throws {
    try await Scratch.with { directory in
      let fixture = TorrentFixture(directory: directory)
      let server = try RawServer { _ in RawServer.reply(404, []) }
      let torrent = try fixture.make(["": 100_000], trackers: [server.url("announce")])
      let seed = try await LibtorrentTool.seed(torrent, folder: fixture.payload)
      var options = TorrentFixture.options(peers: [seed])
      options.allowsPrivateAddresses = isAllowed
      let source = fixture.source(torrent.file.path, webSeeds: [server.url("data")])
      let seen = Seen()
      var demand = FetchDemand()
      // The seed must not bring it all before the tracker or the web seed had a turn.
      if isAllowed { demand.horizon = 1 << 15 }
      let fetched = try? await fixture.fetch(source, options, demand: demand) { status, flow in
        seen.note(status)
        if !server.requests.isEmpty { flow.demand.horizon = .max }
        return isAllowed || seen.count < 6
      }
      #expect((fetched != nil) == isAllowed)
      #expect(server.requests.isEmpty != isAllowed)
      if !isAllowed { #expect(seen.last.bytes == 0 && seen.last.peers == 0) }
    }
  }

  /// A tracker's address holds a passkey, and what is told of it strangers read.
  @Test func whatIsSecretInAnAddressIsNotTold() async throws {
    try await Scratch.with { directory in
      let fixture = TorrentFixture(directory: directory)
      let server = try RawServer { _ in RawServer.reply(404, []) }
      let torrent = try fixture.make(Self.made, trackers: [server.url("PASSKEY/announce?key=SECRET")])
      var options = TorrentFixture.options(peers: [])
      options.allowsPrivateAddresses = true
      let seen = Seen()
      await #expect(throws: CancellationError.self) {
        try await fixture.fetch(fixture.source(torrent.file.path), options) { status, _ in
          seen.note(status)
          return status.note?.contains("tracker http") != true
        }
      }
      let note = seen.last.note ?? ""
      #expect(
        note.contains("tracker http://127.0.0.1:") && !note.contains("PASSKEY") && !note.contains("SECRET"), "\(note)")
    }
  }

  /// Half of a torrent is here; somebody who knows only us asks for it.
  @Test(arguments: [false, true]) func aHoleIsNeverUploaded(keepsPayload: Bool) async throws {
    try await Scratch.with { directory in
      let fixture = TorrentFixture(directory: directory)
      let torrent = try fixture.make(["": 1 << 20])
      let seed = try await LibtorrentTool.seed(torrent, folder: fixture.payload)
      let session = TorrentSession(options: TorrentFixture.options(peers: [seed]))
      let flow = FetchFlow()
      flow.demand.horizon = 1 << 19
      let source = fixture.source(torrent.file.path, keepsPayload: keepsPayload)
      let half = Task {
        try await TorrentFetcher(source: source, session: session).fetch(
          into: BytePath(fixture.folder.path), flow: flow)
      }
      for await status in flow.statuses where status.bytes == 1 << 19 { break }
      // Else it would be named to the other one by us.
      seed.end()
      var options = TorrentFixture.options()
      options.peers = ["127.0.0.1:\(session.port)"]
      let other = TorrentFixture(directory: directory.appending(path: "other"))
      let seen = Seen()
      _ = try? await other.fetch(other.source(torrent.file.path), options) { status, _ in
        if (status.peers ?? 0) > 0 || status.bytes > 0 { seen.note(status) }
        return keepsPayload ? status.bytes == 0 : seen.count < 8
      }
      #expect((seen.last.bytes > 0) == keepsPayload)
      half.cancel()
      _ = try? await half.value
      session.close()
    }
  }

  @Test func aChildInheritsNothingOfIt() async throws {
    try await Scratch.with { directory in
      let fixture = TorrentFixture(directory: directory)
      let torrent = try fixture.make(["": 4 << 20])
      let seed = try await LibtorrentTool.seed(torrent, folder: fixture.payload, rate: 4 << 20)
      let children = Children()
      try await fixture.fetch(fixture.source(torrent.file.path), TorrentFixture.options(peers: [seed])) { _, _ in
        children.startOne()
        return true
      }
      #expect(!children.listings.isEmpty)
      for listing in children.listings { #expect(listing == ["0", "1", "2"]) }
    }
  }

  @Test func oneTorrentOneSource() async throws {
    try await Scratch.with { directory in
      let fixture = TorrentFixture(directory: directory)
      let torrent = try fixture.make(["": 100_000])
      let session = TorrentSession(options: TorrentFixture.options())
      let fetcher = TorrentFetcher(source: fixture.source(torrent.file.path), session: session)
      let flow = FetchFlow()
      let first = Task { try await fetcher.fetch(into: BytePath(fixture.folder.path), flow: flow) }
      for await status in flow.statuses where !status.files.isEmpty { break }
      let error = await #expect(throws: AcquisitionError.self) {
        try await fetcher.fetch(into: BytePath(directory.appending(path: "second").path), flow: FetchFlow())
      }
      #expect(error?.isPermanent == true)
      first.cancel()
      await #expect(throws: CancellationError.self) { try await first.value }
      session.close()
    }
  }

  @Test(arguments: [
    ("/no/such.torrent", [], "cannot be read"), ("magnet:?xt=urn:btih:nonsense", [], "refuses"),
    ("/etc", [], "is no file"), ("/etc/passwd", ["ftp://a/b"], "neither http nor https"),
    ("/etc/passwd", [], "no usable .torrent"),
  ]) func whatIsNoTorrent(torrent: String, webSeeds: [String], words: String) async throws {
    try await Scratch.with { directory in
      let fixture = TorrentFixture(directory: directory)
      let error = await #expect(throws: AcquisitionError.self) {
        try await fixture.fetch(fixture.source(torrent, webSeeds: webSeeds), TorrentFixture.options())
      }
      #expect(error?.isPermanent == true && error?.description.contains(words) == true, "\(String(describing: error))")
    }
  }
}

/// Starts children that tell what they have open.
private final class Children: Sendable {
  private let seen = Mutex<[[String]]>([])
  var listings: [[String]] { seen.withLock { $0 } }

  func startOne() {
    let pipe = Pipe()
    let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
    defer { close(null) }
    let script = "for n in $(seq 0 400); do [ -e /proc/$$/fd/$n ] && echo $n; done; true"
    do {
      let child = try ChildProcess(
        executable: "/bin/sh", arguments: ["-c", script], environment: ["PATH": "/usr/bin:/bin"],
        descriptors: [
          .init(from: null, to: 0), .init(from: pipe.fileHandleForWriting.fileDescriptor, to: 1), .init(from: 2, to: 2),
        ])
      try pipe.fileHandleForWriting.close()
      let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
      _ = child.wait()
      let lines = String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init).sorted()
      seen.withLock { $0.append(lines) }
    } catch {
      Issue.record(error)
    }
  }
}
