import Acquisition
import Foundation
import TestSupport
import Vocabulary

/// A place to download into, and what lies there.
struct DownloadFixture {
  let directory: URL
  var folder: URL { directory.appending(path: "sources") }

  func fetch(
    _ urls: String..., digest: Digest? = nil, progress: @escaping @Sendable (DownloadProgress) -> Void = { _ in }
  ) async throws -> DownloadedFile {
    try await Download.run(
      HTTPSource(id: "test", urls: urls, digest: digest), into: BytePath(folder.path), progress: progress)
  }

  /// The error of a download that must fail.
  func failure(_ urls: String..., digest: Digest? = nil) async -> AcquisitionError? {
    do {
      _ = try await Download.run(
        HTTPSource(id: "test", urls: urls, digest: digest), into: BytePath(folder.path), progress: { _ in })
      return nil
    } catch {
      return error as? AcquisitionError
    }
  }

  var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()
  }

  func content(_ file: DownloadedFile) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(filePath: file.path.display)))
  }

  /// Bytes that look like an archive's: the same seed gives the same.
  static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
  }
}
