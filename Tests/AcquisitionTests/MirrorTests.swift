import Acquisition
import Foundation
import TestSupport
import Testing
import Vocabulary

/// Several mirrors of one file.
@Suite(.enabled(if: Nginx.isInstalled, "nginx is not installed; scripts/setup --with-tests installs it"))
struct MirrorTests {
  private static let content = Bytes.random(6 << 20, seed: 5)
  private static let digest = Digest(of: content)

  private func fetch(
    _ urls: [String], digest: Digest? = digest, into directory: URL, _ change: (inout HTTPOptions) -> Void = { _ in }
  ) async throws -> (files: [FetchedFile], watch: FetchWatch) {
    var options = HTTPOptions.forTests
    change(&options)
    let watch = FetchWatch(files: [("raw.tar", Self.content)], trusts: false)
    let fetcher = HTTPFetcher(source: HTTPSource(id: "test", urls: urls, digest: digest), options: options)
    let files = try await watch.during {
      try await fetcher.fetch(into: BytePath(directory.appending(path: "place").path), flow: $0)
    }
    #expect(try Digest(of: Data(contentsOf: URL(filePath: files[0].path.display))) == Self.digest)
    return (files, watch)
  }

  @Test func allOfThemWork() async throws {
    try await Scratch.with { directory in
      let mirrors = try NginxMirrors(
        3, serving: Self.content, as: "raw.tar", in: directory, location: "limit_rate 2m;")
      let (files, _) = try await fetch(mirrors.urls, into: directory)
      #expect(files[0].identity == Self.digest)
      for index in 0..<3 {
        #expect(try mirrors.requests(index).contains { $0.hasPrefix("206 ") }, "mirror \(index) was not used")
      }
      // Every range but a mirror's first is asked for by the tag.
      let lines = try (0..<3).flatMap { try mirrors.requests($0) }
      #expect(lines.count { !$0.hasSuffix("\\x22") } <= 3, "\(lines)")
    }
  }

  @Test func oneIsKilledInTheMiddle() async throws {
    try await Scratch.with { directory in
      let steady = try NginxMirrors(
        1, serving: Self.content, as: "raw.tar", in: directory, location: "limit_rate 128k;")
      let doomed = try NginxMirrors(
        1, serving: Self.content, as: "raw.tar", in: directory.appending(path: "x"), location: "limit_rate 128k;")
      let watch = FetchWatch(files: [("raw.tar", Self.content)])
      let fetcher = HTTPFetcher(
        source: HTTPSource(id: "test", urls: doomed.urls + steady.urls, digest: nil), options: .forTests)
      let place = BytePath(directory.appending(path: "place").path)
      let fetching = Task { try await watch.during { try await fetcher.fetch(into: place, flow: $0) } }
      try await watch.wait { $0.bytes > 0 }
      doomed.stop()
      try steady.restart(location: "")
      let file = try #require(try await fetching.value.first)
      #expect(try Digest(of: Data(contentsOf: URL(filePath: file.path.display))) == Self.digest)
      #expect(watch.identities("raw.tar").count == 1)
    }
  }

  @Test func aDeadOneAndOneWithoutTheFileDoNoHarm() async throws {
    try await Scratch.with { directory in
      let mirrors = try NginxMirrors(1, serving: Self.content, as: "raw.tar", in: directory)
      let dead = "http://127.0.0.1:\(try LocalPort.free())/raw.tar"
      let missing = mirrors.urls[0].replacing("raw.tar", with: "missing.tar")
      _ = try await fetch([dead, missing] + mirrors.urls, into: directory)
    }
  }

  /// Without a digest only equal tags prove equal files; with it the digest does.
  @Test func anotherTagIsAnotherFileUnlessADigestDecides() async throws {
    try await Scratch.with { directory in
      let (one, two) = try (Self.tagged("\"one\""), Self.tagged("\"two\""))
      _ = try await fetch([one.url("raw.tar"), two.url("raw.tar")], digest: nil, into: directory)
      let counts = [one.requests.count, two.requests.count]
      #expect(counts.contains { $0 <= 2 }, "ranges of both were joined: \(counts)")
      try FileManager.default.removeItem(at: directory.appending(path: "place"))
      // Each goes on only when the other has been asked again: neither can bring it all.
      let partner = Mutexed<LyingServer?>(nil)
      defer { partner.value = nil }
      let three = try Self.tagged("\"one\"") { partner.value?.requests.count ?? 0 > 1 }
      let four = try Self.tagged("\"two\"") { three.requests.count > 1 }
      partner.value = four
      _ = try await fetch([three.url("raw.tar"), four.url("raw.tar")], into: directory)
      #expect(three.requests.count > 1 && four.requests.count > 1)
    }
  }

  /// - Parameter mayGoOn: what every answer but the first waits for.
  private static func tagged(
    _ tag: String, mayGoOn: @escaping @Sendable () -> Bool = { true }
  ) throws -> LyingServer {
    try LyingServer { request in
      let first: LyingServer.Step = request.number > 1 ? .wait(until: mayGoOn) : .pause(milliseconds: 2)
      return [first, .send(Response.honest(request, content, tag: tag))]
    }
  }

  /// It is found out by trying them one at a time; what the readers got of the wrong bytes has another identity.
  @Test(arguments: [0, 1, 2]) func theOneWithWrongBytesIsFound(bad: Int) async throws {
    try await Scratch.with { directory in
      let mirrors = try NginxMirrors(3, serving: Self.content, as: "raw.tar", in: directory, location: "limit_rate 2m;")
      try mirrors.damage(bad)
      let (files, watch) = try await fetch(mirrors.urls, into: directory)
      #expect(watch.identities("raw.tar").last == files[0].identity)
      // On a busy machine the good ones may have brought all before the bad one had its first turn.
      let isTold = watch.last.note?.contains("instead of \(Self.digest)") == true
      #expect(isTold == (watch.identities("raw.tar").count > 1), "\(watch.last)")
    }
  }

  @Test func whenAllAreWrongEachIsNamedAndNothingKept() async throws {
    try await Scratch.with { directory in
      let mirrors = try NginxMirrors(2, serving: Self.content, as: "raw.tar", in: directory)
      let wanted = Digest(of: Data([0]))
      let error = await #expect(throws: AcquisitionError.self) {
        try await fetch(mirrors.urls, digest: wanted, into: directory)
      }
      let words = try #require(error?.description)
      for word in mirrors.urls + [wanted.hex, Self.digest.hex, "source test"] {
        #expect(words.contains(word), "\(words)")
      }
      #expect(error?.isPermanent == true)
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory.appending(path: "place").path) == [])
    }
  }

  @Test func theLimitOfBytesASecondIsKept() async throws {
    try await Scratch.with { directory in
      let mirrors = try NginxMirrors(2, serving: Self.content, as: "raw.tar", in: directory)
      let clock = ContinuousClock()
      let start = clock.now
      _ = try await fetch(mirrors.urls, into: directory) { $0.bytesPerSecond = 4 << 20 }
      // 6 MiB at 4 MiB/s; the last pieces may come on credit.
      #expect(clock.now - start > .seconds(1))
    }
  }

  @Test func passwordsOfNetrcAndAddressAreUsedAndNotTold() async throws {
    try await Scratch.with { directory in
      let users = directory.appending(path: "users")
      try "user:{PLAIN}secret\n".write(to: users, atomically: true, encoding: .utf8)
      let mirrors = try NginxMirrors(
        1, serving: Self.content, as: "raw.tar", in: directory,
        location: "auth_basic realm; auth_basic_user_file \(users.path);")
      let error = await #expect(throws: AcquisitionError.self) {
        try await fetch(
          [mirrors.urls[0].replacing("//", with: "//user:wrong-secret@") + "?token=secret"], into: directory)
      }
      let words = try #require(error?.description)
      #expect(words.contains("HTTP 401") && !words.contains("secret"), "\(words)")
      let netrc = directory.appending(path: "netrc")
      try "machine 127.0.0.1 login user password secret\n".write(to: netrc, atomically: true, encoding: .utf8)
      _ = try await fetch(mirrors.urls, into: directory) { $0.netrc = .file(BytePath(netrc.path)) }
    }
  }

  @Test func aProxyIsUsed() async throws {
    try await Scratch.with { directory in
      // A proxy gets the whole address; this one has the file itself.
      let proxy = try LyingServer { request in
        request.path.hasPrefix("http://mirror.example/") ? [.send(Response.honest(request, Self.content))] : [.reset]
      }
      _ = try await fetch(["http://mirror.example/raw.tar"], into: directory) {
        $0.proxy = "http://127.0.0.1:\(proxy.port)"
      }
    }
  }

  static let canMakeNetworks =
    (try? Command.run("unshare", ["-rn", "sh", "-c", "ip link set lo up && ip addr add 203.0.113.1/32 dev lo"])) != nil

  /// In a network of its own that has a public address.
  @Test(.enabled(if: canMakeNetworks, "needs unshare -rn and ip"))
  func aPublicServerCannotSendUsToAPrivateOne() async throws {
    try Scratch.with { directory in
      let configuration = directory.appending(path: "nginx.conf")
      let place = directory.path
      let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(place)/\($0);" }
      try """
      user root; pid \(place)/pid; error_log \(place)/error.log;
      events {}
      http {
        \(temporary.joined(separator: "\n")) access_log off;
        server { listen 203.0.113.1:8080; location / { return 302 http://127.0.0.1:8081/raw.tar; } }
        server { listen 127.0.0.1:8081; location / { return 200 secret; } }
      }
      """.write(to: configuration, atomically: true, encoding: .utf8)
      let probe = Checkout.products.appending(path: "FetchProbe").path
      let script = """
        ip link set lo up && ip addr add 203.0.113.1/32 dev lo && \(Nginx.program) -c \(configuration.path) -p \(place)
        \(probe) \(place)/out - http://203.0.113.1:8080/raw.tar 2>\(place)/errors && exit 1
        \(probe) \(place)/private - http://127.0.0.1:8081/raw.tar || exit 2
        kill $(cat \(place)/pid)
        """
      try Command.run("unshare", ["-rn", "sh", "-c", script])
      let words = try String(contentsOf: directory.appending(path: "errors"), encoding: .utf8)
      #expect(words.contains("redirects to a private address") && words.contains("203.0.113.1"), "\(words)")
    }
  }
}
