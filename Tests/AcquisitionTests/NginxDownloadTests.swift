import Acquisition
import Foundation
import Synchronization
import TestSupport
import Testing
import Vocabulary

/// Against the server that users have.
@Suite(.enabled(if: Nginx.isInstalled, "nginx is not installed; scripts/setup --with-tests installs it"))
struct NginxDownloadTests {
  private static let content = DownloadFixture.bytes(3 << 20, seed: 1)

  private func served(_ directory: URL, _ bytes: [UInt8] = content, at path: String = "raw.tar.gz") throws -> URL {
    let folder = directory.appending(path: "served")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(bytes).write(to: folder.appending(path: path))
    return folder
  }

  @Test func aWholeFileOnceAndNeverAgain() async throws {
    try await Scratch.with { directory in
      let nginx = try Nginx(serving: served(directory), in: directory)
      let fixture = DownloadFixture(directory: directory)
      let digest = Digest(of: Self.content)
      let file = try await fixture.fetch(nginx.url("raw.tar.gz"), digest: digest)
      #expect(file.digest == digest && file.bytes == Int64(Self.content.count))
      #expect(try fixture.content(file) == Self.content)
      #expect(fixture.names == ["raw.tar.gz", "raw.tar.gz.json"])
      #expect(try await fixture.fetch(nginx.url("raw.tar.gz")) == file)
      #expect(try await fixture.fetch(nginx.url("elsewhere.tar.gz"), nginx.url("raw.tar.gz")) != file)
    }
  }

  /// Interrupted by the user, it goes on where it was, by If-Range with the tag that nginx gave.
  @Test func aResumedDownloadAsksForTheRestOnly() async throws {
    try await Scratch.with { directory in
      let folder = try served(directory)
      let slow = try Nginx(serving: folder, in: directory, location: "limit_rate 512k;")
      let fixture = DownloadFixture(directory: directory)
      let url = slow.url("raw.tar.gz")
      // Cancelled on the downloading thread itself, with the first bytes: it cannot run ahead of that.
      let user = Interruption()
      let interrupted = Task { try await fixture.fetch(url) { if $0.bytes > 0 { user.interrupt() } } }
      user.takes(interrupted)
      await #expect(throws: CancellationError.self) { try await interrupted.value }
      #expect(fixture.names == ["raw.tar.gz.part", "raw.tar.gz.part.json"])

      let file = try await fixture.fetch(url)
      #expect(try fixture.content(file) == Self.content)
      #expect(file.digest == Digest(of: Self.content))
      let second = try #require(try slow.requests(2).last)
      // nginx writes the tag's quotes as \x22.
      #expect(second.hasPrefix("206 ") && second.contains("\"bytes=") && second.hasSuffix("\\x22"), "\(second)")
      #expect(fixture.names == ["raw.tar.gz", "raw.tar.gz.json"])
    }
  }

  @Test(arguments: [
    ("no such file", "missing.tar", "", ["HTTP 404", "missing.tar", "check urls"], true),
    ("forbidden", "raw.tar.gz", "deny all;", ["HTTP 403", "check urls"], true),
    ("overloaded", "raw.tar.gz", "return 503;", ["HTTP 503"], false),
    (
      "a redirect to a file of this machine", "raw.tar.gz", "return 302 file:///etc/passwd;",
      ["neither http nor https"], true
    ),
    ("a redirect to itself", "raw.tar.gz", "return 302 /raw.tar.gz;", ["redirects"], true),
    ("a redirect to nowhere", "raw.tar.gz", "return 304;", ["HTTP 304"], true),
  ]) func refusals(name: String, path: String, location: String, words: [String], isPermanent: Bool) async throws {
    try await Scratch.with { directory in
      let nginx = try Nginx(serving: served(directory), in: directory, location: location)
      let fixture = DownloadFixture(directory: directory)
      let failure = try #require(await fixture.failure(nginx.url(path)))
      for word in words { #expect(failure.description.contains(word), "\(failure)") }
      #expect(failure.isPermanent == isPermanent)
      #expect(!fixture.names.contains(path))
    }
  }

  @Test func aRedirectIsFollowed() async throws {
    try await Scratch.with { directory in
      let folder = try served(directory)
      let target = try Nginx(serving: folder, in: directory)
      let first = try Nginx(serving: folder, in: directory, location: "return 302 \(target.url("raw.tar.gz"));")
      let fixture = DownloadFixture(directory: directory)
      #expect(try await fixture.fetch(first.url("raw.tar.gz")).digest == Digest(of: Self.content))
    }
  }

  @Test func aWrongDigestIsToldAndNothingKept() async throws {
    try await Scratch.with { directory in
      let nginx = try Nginx(serving: served(directory), in: directory)
      let fixture = DownloadFixture(directory: directory)
      let wanted = Digest(of: [0])
      let failure = try #require(await fixture.failure(nginx.url("raw.tar.gz"), digest: wanted))
      for word in [wanted.hex, Digest(of: Self.content).hex, "source test"] {
        #expect(failure.description.contains(word))
      }
      #expect(failure.isPermanent)
      #expect(fixture.names.isEmpty)
    }
  }

  @Test func mirrorsAreTriedInTurn() async throws {
    try await Scratch.with { directory in
      let nginx = try Nginx(serving: served(directory), in: directory)
      let other = directory.appending(path: "other")
      try FileManager.default.createDirectory(at: other, withIntermediateDirectories: true)
      try Data("another file".utf8).write(to: other.appending(path: "raw.tar.gz"))
      let wrong = try Nginx(serving: other, in: directory)
      let fixture = DownloadFixture(directory: directory)
      let dead = "http://127.0.0.1:\(try LocalPort.free())/raw.tar.gz"
      let digest = Digest(of: Self.content)
      let file = try await fixture.fetch(
        dead, nginx.url("missing"), wrong.url("raw.tar.gz"), nginx.url("raw.tar.gz"), digest: digest)
      #expect(try fixture.content(file) == Self.content)
      // Where all fail, the failure is one that time may cure.
      let failure = try #require(await fixture.failure(nginx.url("missing"), dead))
      #expect(!failure.isPermanent && failure.description.contains("127.0.0.1"))
    }
  }
}

/// Cancels a download from inside its progress report.
private final class Interruption: Sendable {
  private let task = Mutex<Task<DownloadedFile, any Error>?>(nil)
  private let isKnown = DispatchSemaphore(value: 0)

  func takes(_ task: Task<DownloadedFile, any Error>) {
    self.task.withLock { $0 = task }
    isKnown.signal()
  }

  func interrupt() {
    isKnown.wait()
    task.withLock { $0?.cancel() }
    isKnown.signal()
  }
}
