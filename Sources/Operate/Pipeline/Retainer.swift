internal import Cataloguing
internal import Durability
internal import Foundation
internal import Journal
internal import Settings
internal import Subprocesses
internal import Vocabulary

/// Removes clips whose service is done, where the configuration wants that. Only files that a source brought are ours to
/// remove: never one of a watched folder.
struct Retainer: Sendable {
  var sources: [Configuration.Source]
  let state: StateDirectory
  let catalog: Catalog
  /// Fingerprint of the micro clips.
  let micro: StageKey

  private static let batch = 1000

  /// Removes every clip with features and micro clip. Returns how many files went.
  func sweep() async throws -> Int {
    var count = 0
    for source in sources where !source.settings.retention.keepsClips && source.isFetched {
      for root in roots(source) {
        while true {
          let served = try await catalog.served(root: root, micro: micro, limit: Self.batch)
          if served.isEmpty { break }
          let isFetched = root != state.clips(source: source.id)
          try await BlockingThread.run(named: "retention") {
            for file in served { try Self.remove(file.file, isFetched: isFetched) }
          }
          // Removed first: a crash in between finds them gone, and says so at the next sweep.
          try await catalog.removed(served)
          count += served.count
        }
      }
    }
    return count
  }

  /// Members of archives, and clips that came as they are.
  private func roots(_ source: Configuration.Source) -> [BytePath] {
    let fetched = state.fetched(source.id)
    return [state.clips(source: source.id), fetched, fetched.appending("payload")]
  }

  /// A file among what is still fetched keeps its size, or it would be taken for missing and fetched again.
  private static func remove(_ path: BytePath, isFetched: Bool) throws {
    var status = stat()
    guard path.withCString({ lstat($0, &status) }) == 0 else { return }
    if isFetched {
      if try Durability.discard(first: Int64(status.st_size), of: path) { return }
    }
    if path.withCString({ unlink($0) }) != 0 && errno != ENOENT {
      throw FileDigest.Failure(path: path, code: errno)
    }
  }
}
