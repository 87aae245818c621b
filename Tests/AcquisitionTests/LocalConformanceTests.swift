import Acquisition
import Foundation
import TestSupport
import Testing
import Vocabulary

struct LocalConformanceTests {
  @Test(arguments: [FetcherCheck.completes, .resumes, .corrupt]) func conforms(check: FetcherCheck) async throws {
    try await check.run(LocalSubject.self)
  }
}

/// A file of this machine that must have a digest.
final class LocalSubject: FetcherSubject {
  static let exempt: [FetcherCheck: String] = [
    .vanishes: "a missing path is told at once, since nothing is under way", .full: "nothing is written",
    .cancels: "a pass over the test's file is over before anybody could cancel it", .pauses: "nothing is written",
    .horizon: "all is here",
  ]
  static let isCured = false

  let files = [(name: "raw.tar", bytes: Bytes.random(5 << 20, seed: 3))]
  private let file: URL

  init(in directory: URL) async throws {
    file = directory.appending(path: "raw.tar")
    try Data(files[0].bytes).write(to: file)
  }

  var probe: [String] { [Digest(of: files[0].bytes).hex, file.path] }

  func fetcher() throws -> any Fetcher {
    LocalFetcher(id: "test", paths: [BytePath(file.path)], digest: Digest(of: files[0].bytes))
  }

  func throttle(_ isSlow: Bool) async throws {}
  func vanish() async throws {}
  func comeBack() async throws {}

  func corrupt() async throws {
    var bytes = files[0].bytes
    bytes[1 << 20] ^= 1
    try Data(bytes).write(to: file)
  }
}
