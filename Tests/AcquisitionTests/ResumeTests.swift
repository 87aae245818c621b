import Acquisition
import Foundation
import TestSupport
import Testing
import Vocabulary

/// What lies in a source's directory, and what is made of it later.
struct ResumeTests {
  private static let content = Bytes.version("a", 2_000_000)
  private static let digest = Digest(of: content)

  private struct Setting {
    let place: URL
    let server: LyingServer
    var url: String { server.url("raw.tar") }

    func fetch(
      _ urls: [String]? = nil, digest: Digest? = nil, _ flow: FetchFlow = FetchFlow()
    ) async throws -> FetchedFile {
      var options = HTTPOptions.forTests
      options.rangeBytes = (32 << 10)...(64 << 10)
      let source = HTTPSource(id: "test", urls: urls ?? [url], digest: digest)
      return try await HTTPFetcher(source: source, options: options).fetch(into: BytePath(place.path), flow: flow)[0]
    }

    /// Breaks a fetch off at its eighth request, and returns when it has.
    func breakOff(digest: Digest? = nil) async throws {
      let canceller = Canceller()
      server.trap(request: server.requests.count + 8, after: 30_000) { canceller.cancel() }
      let fetching = Task { try await fetch(digest: digest) }
      canceller.follow(fetching)
      await #expect(throws: CancellationError.self) { try await fetching.value }
    }

    func file(_ name: String) -> URL { place.appending(path: name) }
    var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []).sorted() }
    var bytes: [UInt8] { Array(FileManager.default.contents(atPath: file("raw.tar").path) ?? Data()) }
    /// Bytes that were sent, by the ranges asked for.
    var asked: Int {
      server.requests.reduce(0) {
        $0 + ($1.range.map { min($0.upperBound + 1, content.count) - $0.lowerBound } ?? content.count)
      }
    }
  }

  private static func with(_ body: (Setting) async throws -> Void) async throws {
    try await Scratch.with { directory in
      let server = try LyingServer { [.send(Response.honest($0, content))] }
      try await body(Setting(place: directory.appending(path: "place"), server: server))
    }
  }

  @Test func whatHasArrivedIsAskedForOnce() async throws {
    try await Self.with { setting in
      for _ in 1...3 { try await setting.breakOff() }
      _ = try await setting.fetch()
      #expect(Digest(of: setting.bytes) == Self.digest)
      // At each of the three breaks up to four ranges were under way.
      #expect(setting.asked <= Self.content.count + 3 * 4 * 65_536, "\(setting.asked) bytes were asked for")
      #expect(setting.names == ["raw.tar", "raw.tar.json"])
    }
  }

  /// The reader gives the disk back what it has read: those bytes are gone and are not needed to go on.
  @Test func aReaderMayPunchHolesIntoThePrefix() async throws {
    try await Self.with { setting in
      for _ in 1...2 {
        try await setting.breakOff(digest: Self.digest)
        let record = try String(contentsOf: setting.file("raw.tar.part.json"), encoding: .utf8)
        let prefix = try #require(record.firstMatch(of: /"bytes":(\d+)/).flatMap { Int($0.1) })
        #expect(prefix > 0)
        let part = try FileHandle(forUpdating: setting.file("raw.tar.part"))
        try part.write(contentsOf: [UInt8](repeating: 0, count: prefix))
        try part.close()
      }
      // The digest is right although the bytes are gone.
      let file = try await setting.fetch(digest: Self.digest)
      #expect(file.identity == Self.digest)
      #expect(Digest(of: setting.bytes.suffix(100_000)) == Digest(of: Self.content.suffix(100_000)))
    }
  }

  @Test func aFileThatIsHereIsNotAskedForAgain() async throws {
    try await Self.with { setting in
      let file = try await setting.fetch()
      let count = setting.server.requests.count
      #expect(try await setting.fetch() == file)
      // A further mirror changes nothing, nor does its digest, once it is known.
      #expect(try await setting.fetch(["http://127.0.0.1:1/raw.tar", setting.url]) == file)
      #expect(try await setting.fetch(digest: Self.digest) == file)
      #expect(setting.server.requests.count == count)
    }
  }

  enum Damage: CaseIterable {
    case removed, changed, longer, noRecord, otherDigest, otherAddress
  }

  @Test(arguments: Damage.allCases) func whatIsNotTheFileIsFetchedAgain(damage: Damage) async throws {
    try await Self.with { setting in
      _ = try await setting.fetch()
      let count = setting.server.requests.count
      let path = setting.file("raw.tar")
      switch damage {
      case .removed: try FileManager.default.removeItem(at: path)
      case .changed: try Data(Self.content.dropFirst() + [0]).write(to: path)
      case .longer: try Data(Self.content + [0]).write(to: path)
      case .noRecord: try FileManager.default.removeItem(at: setting.file("raw.tar.json"))
      case .otherDigest:
        await #expect(throws: AcquisitionError.self) { try await setting.fetch(digest: Digest(of: Data())) }
      case .otherAddress: _ = try await setting.fetch([setting.server.url("other/raw.tar")])
      }
      _ = try await setting.fetch()
      #expect(setting.server.requests.count > count)
      #expect(Digest(of: setting.bytes) == Self.digest)
    }
  }

  enum PartDamage: CaseIterable {
    case shorter, empty, gone, noRecord, garbledRecord, longer
  }

  /// A part that cannot be what its record says is begun anew, under another identity where somebody may have read of it.
  @Test(arguments: PartDamage.allCases) func aPartIsOnlyGoneOnWithWhenItIsSound(damage: PartDamage) async throws {
    try await Self.with { setting in
      let canceller = Canceller()
      setting.server.trap(request: 20, after: 30_000) { canceller.cancel() }
      let fetching = Task { try await setting.fetch(digest: Self.digest) }
      canceller.follow(fetching)
      await #expect(throws: CancellationError.self) { try await fetching.value }
      let part = setting.file("raw.tar.part")
      let record = setting.file("raw.tar.part.json")
      switch damage {
      case .shorter: try Self.truncate(part, 1000)
      case .empty: try Self.truncate(part, 0)
      case .gone: try FileManager.default.removeItem(at: part)
      case .noRecord: try FileManager.default.removeItem(at: record)
      case .garbledRecord: try Data("{".utf8).write(to: record)
      case .longer: try Self.truncate(part, 5_000_000)
      }
      let file = try await setting.fetch(digest: Self.digest)
      #expect(Digest(of: setting.bytes) == Self.digest)
      #expect((file.identity == Self.digest) == (damage == .longer))
    }
  }

  private static func truncate(_ file: URL, _ bytes: UInt64) throws {
    let handle = try FileHandle(forWritingTo: file)
    try handle.truncate(atOffset: bytes)
    try handle.close()
  }

  /// A crash between the last byte and the rename: the part is whole, and nothing is asked for again.
  @Test func aWholePartNeedsNoServer() async throws {
    try await Self.with { setting in
      let file = try await setting.fetch()
      try FileManager.default.moveItem(at: setting.file("raw.tar"), to: setting.file("raw.tar.part"))
      var hasher = Hasher256()
      Self.content.withUnsafeBytes { hasher.update($0) }
      let midstate = String(decoding: try CanonicalJSON.encode(hasher.midstate), as: UTF8.self)
      let record = """
        {"blamed":[],"contributors":["\(setting.url)"],"identity":"\(file.identity)","midstate":\(midstate),\
        "ranges":[[0,2000000]],"tag":"\\"a\\"","tags":{"\(setting.url)":"\\"a\\""},"total":2000000}
        """
      try Data(record.utf8).write(to: setting.file("raw.tar.part.json"))
      let count = setting.server.requests.count
      #expect(try await setting.fetch() == file)
      #expect(setting.server.requests.count == count)
      #expect(Digest(of: setting.bytes) == Self.digest)
    }
  }

  @Test func partsOfAnotherAddressAreRemoved() async throws {
    try await Self.with { setting in
      try await setting.breakOff()
      _ = try await setting.fetch([setting.server.url("other.tar")])
      #expect(setting.names == ["other.tar", "other.tar.json"])
    }
  }
}

struct AddressTests {
  @Test(arguments: [
    ("http://h/a/raw.tar.gz", "raw.tar.gz"), ("http://h/a%20b.tar?x=1", "a_b.tar"), ("http://h/", "archive"),
    ("http://h", "archive"), ("http://h/..", "archive.."), ("http://h/.hidden", "archive.hidden"),
    ("http://h/a%2Fb", "b"),
  ]) func theFileIsNamedAfterTheAddress(url: String, name: String) async throws {
    try await Scratch.with { directory in
      let server = try LyingServer { _ in [.send(Response.whole(Array("x".utf8)))] }
      let address = url.replacing("//h", with: "//127.0.0.1:\(server.port)")
      let files = try await HTTPFetcher(source: HTTPSource(id: "test", urls: [address], digest: nil))
        .fetch(into: BytePath(directory.path), flow: FetchFlow())
      #expect(files[0].name == BytePath(name))
      #expect(files[0].path == BytePath(directory.path).appending(name))
    }
  }

  @Test(arguments: ["ftp://127.0.0.1/x", "gopher://127.0.0.1/x", "file:///etc/passwd", "http://", "not an address", ""])
  func otherAddressesAreRefused(url: String) async throws {
    try await Scratch.with { directory in
      let fetcher = HTTPFetcher(source: HTTPSource(id: "test", urls: [url], digest: nil), options: .forTests)
      let error = await #expect(throws: AcquisitionError.self) {
        try await fetcher.fetch(into: BytePath(directory.path), flow: FetchFlow())
      }
      #expect(error?.isPermanent == true)
    }
  }

  @Test func aSourceWithoutAddressSaysSo() async throws {
    for fetcher: any Fetcher in [
      HTTPFetcher(source: HTTPSource(id: "test", urls: [], digest: nil)),
      LocalFetcher(id: "test", paths: [], digest: nil),
    ] {
      let error = await #expect(throws: AcquisitionError.self) {
        try await fetcher.fetch(into: "/nowhere", flow: FetchFlow())
      }
      #expect(error?.description == "source test has no address")
    }
  }
}
