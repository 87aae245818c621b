internal import Cataloguing
internal import Foundation
internal import Journal
internal import Subprocesses
internal import Vocabulary
internal import Watching

/// Brings the clips of one watched folder into the catalog as they settle, and forgets those that vanish.
struct FolderFlow: Sendable {
  let folder: BytePath
  let catalog: Catalog
  let board: StatusBoard
  let events: AsyncStream<Event>.Continuation

  /// Everything the scans since the last `.scanned` have seen: what the catalog knows beyond it is gone.
  private struct Scan {
    var seen: Set<BytePath> = []
    var isFirst = true
  }

  func run(_ watcher: some AsyncSequence<WatchEvent, Never> & Sendable) async throws {
    var scan = Scan()
    for await event in watcher {
      switch event {
      case .settled(let arrival):
        scan.seen.insert(arrival.path)
        try await take(arrival)
      case .vanished(_, let path):
        scan.seen.remove(path)
        board.solved(Self.subject(folder.appending(path)))
        if try await catalog.vanish(root: folder, path: path) { events.yield(.clipsChanged) }
      case .scanned(_, let pending):
        try await forgetUnseen(&scan)
        events.yield(.unsettled(folder: folder, pending))
        events.yield(.scanned(folder: folder))
      case .problem(let path, let reason):
        board.problem(Self.subject(path), reason, next: nil)
        Journal.record(.warning, "\(Self.subject(path)): \(reason)")
      case .solved(let path): board.solved(Self.subject(path))
      }
    }
  }

  private static func subject(_ path: BytePath) -> String { "watched \(path)" }

  private func take(_ arrival: Arrival) async throws {
    let known = try await catalog.landing(root: folder, path: arrival.path)
    if let known, known.bytes == arrival.bytes, known.modified == arrival.modified { return }
    let path = folder.appending(arrival.path)
    do {
      let digest = try await BlockingThread.run(named: "hash") { try FileDigest.sha256(of: path) }
      _ = try await catalog.land([
        Landing(
          root: folder, path: arrival.path, clip: ClipID(digest), bytes: arrival.bytes, modified: arrival.modified)
      ])
      events.yield(.clipsChanged)
      board.solved(Self.subject(path))
    } catch let error as FileDigest.Failure {
      board.problem(Self.subject(path), error.description, next: "the clip is taken when it changes or at a restart")
    }
  }

  private func forgetUnseen(_ scan: inout Scan) async throws {
    guard scan.isFirst else { return }
    scan.isFirst = false
    // A disk that is not mounted is no reason to forget its clips.
    guard FileManager.default.fileExists(atPath: folder.display) else { return }
    for landing in try await catalog.landings() where landing.root == folder && !scan.seen.contains(landing.path) {
      if !FileManager.default.fileExists(atPath: folder.appending(landing.path).display) {
        _ = try await catalog.vanish(root: folder, path: landing.path)
      }
    }
    events.yield(.clipsChanged)
  }
}
