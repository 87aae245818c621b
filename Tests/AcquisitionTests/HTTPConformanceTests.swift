import Acquisition
import Foundation
import TestSupport
import Testing
import Vocabulary

/// Real nginx, as users have it.
@Suite(.enabled(if: Nginx.isInstalled, "nginx is not installed; scripts/setup --with-tests installs it"))
struct HTTPConformanceTests {
  @Test(arguments: FetcherCheck.allCases.filter { $0 != .full }) func conforms(check: FetcherCheck) async throws {
    try await check.run(NginxSubject.self)
  }

  @Test(.enabled(if: SmallDisk.isPossible, "a small file system can only be mounted by root"))
  func aFullDisk() async throws { try await FetcherCheck.full.run(NginxSubject.self) }
}

/// One file of 12 MiB on two mirrors.
final class NginxSubject: FetcherSubject {
  static let exempt: [FetcherCheck: String] = [:]
  static let isCured = true
  static let name = "raw.tar.gz"
  static let content = Bytes.random(12 << 20, seed: 1)

  let files = [(name: name, bytes: content)]
  private let server: NginxMirrors

  init(in directory: URL) async throws {
    server = try NginxMirrors(2, serving: Self.content, as: Self.name, in: directory)
  }

  var probe: [String] { [Digest(of: Self.content).hex] + server.urls }

  func fetcher() throws -> any Fetcher {
    HTTPFetcher(
      source: HTTPSource(id: "test", urls: server.urls, digest: Digest(of: Self.content)), options: .forTests)
  }

  func throttle(_ isSlow: Bool) async throws { try server.restart(location: isSlow ? "limit_rate 128k;" : "") }
  func vanish() async throws { server.stop() }
  func comeBack() async throws { try server.restart(location: "") }
  /// One of the mirrors has other bytes of the same length, time and therefore tag.
  func corrupt() async throws { try server.damage(0) }
}
