internal import Foundation
package import Settings
package import Vocabulary

/// Disk and permissions.
package enum StorageChecks {
  /// - Parameters:
  ///   - needed: what the sources and what comes out of them take, as far as it is known.
  package static func disk(
    _ space: DiskSpace, at folder: BytePath, reserve: Int64?, needed: Int64
  ) -> Finding {
    let reserve = reserve ?? space.usualReserve
    let words =
      "\(Words.bytes(space.free)) free of \(Words.bytes(space.size)) at \(folder), \(Words.bytes(reserve)) stay free"
      + (needed > 0 ? "; the sources take about \(Words.bytes(needed))" : "")
    if space.free < reserve {
      return .failed("disk", words, next: "make room, or lower [storage] reserve: sources pause until then")
    }
    if space.free - reserve < needed {
      return .warning(
        "disk", words,
        next: "set retention = \"delete-archive\" or \"delete-clips\" for the sources: they pass through a smaller disk"
      )
    }
    return .ok("disk", words)
  }

  /// Bytes that a source leaves on the disk of `state_dir`.
  ///
  /// - Parameters:
  ///   - bytes: of its archive.
  package static func needed(_ source: SourceSettings, bytes: Int64) -> Int64 {
    let isFetched = if case .local = source.origin { false } else { true }
    switch source.retention {
    case .keep: return isFetched ? bytes * 2 : bytes
    case .deleteArchive: return bytes
    case .deleteClips: return 0
    }
  }

  static func permissions(_ settings: Settings, _ user: DaemonUser, _ service: SystemdService?) -> [Finding] {
    let state = settings.stateDirectory
    if let service, !service.mayWrite(state) {
      return [
        .failed("permissions", "the service may not write to state_dir, \(state)", next: service.advice(for: state))
      ]
    }
    var wishes: [(BytePath, DaemonUser.Wish)] = [(existing(state), [.read, .write, .search])]
    let inbox = state.appending("inbox")
    wishes += (settings.watch.folders ?? []).filter { $0 != inbox }.map { ($0, [.read, .search]) }
    // Labels that are not there are told as such.
    let tables = [settings.labels.train, settings.labels.submissionFormat].compactMap(\.self)
    wishes += tables.filter { FileManager.default.fileExists(atPath: $0.display) }.map { ($0, .read) }
    if let netrc = settings.download.netrc { wishes.append((netrc, .read)) }
    for case .local(let paths) in settings.sources.map(\.origin) { wishes += paths.map { ($0, .read) } }
    let obstacles = wishes.compactMap { user.obstacle($0.1, $0.0) }
    if obstacles.isEmpty { return [.ok("permissions", "\(user.name) may use what the configuration names")] }
    return obstacles.map {
      .failed("permissions", $0, next: "make it so that \(user.name) can: chown, chmod or its groups")
    }
  }

  /// The path, or the nearest folder above it that exists: what is missing is made there.
  static func existing(_ path: BytePath) -> BytePath {
    var path = path
    while !FileManager.default.fileExists(atPath: path.display), path != path.deletingLastComponent {
      path = path.deletingLastComponent
    }
    return path
  }
}
