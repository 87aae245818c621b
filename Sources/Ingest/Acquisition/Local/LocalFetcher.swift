internal import Durability
internal import Foundation
internal import Subprocesses
package import Vocabulary

/// Files that are on this machine already: read where they lie, never copied, changed or removed.
package struct LocalFetcher: Fetcher {
  private let id: String
  private let paths: [BytePath]
  private let digest: Digest?

  /// - Parameters:
  ///   - paths: absolute, of files or of directories. Of a directory: all regular files below it, in the order of their
  ///     names' bytes; links are not followed.
  ///   - digest: of the one file. It is read once as a whole then, and not again while its size and times stay.
  package init(id: String, paths: [BytePath], digest: Digest?) {
    self.id = id
    self.paths = paths
    self.digest = digest
  }

  package func fetch(into directory: BytePath, flow: FetchFlow) async throws -> [FetchedFile] {
    let stop = StopFlag()
    return try await withTaskCancellationHandler {
      try await BlockingThread.run(named: "local \(id)") { try find(directory, flow, stop) }
    } onCancel: {
      stop.raise()
    }
  }

  private func find(_ directory: BytePath, _ flow: FetchFlow, _ stop: StopFlag) throws -> [FetchedFile] {
    if paths.isEmpty { throw AcquisitionError(isPermanent: true, "source \(id) has no address") }
    var found: [LocalFile] = []
    for path in paths { found += try LocalFile.find(path, isOnlyOne: paths.count == 1, stop) }
    var names = Set<BytePath>()
    if let twice = found.first(where: { !names.insert($0.name).inserted }) {
      throw AcquisitionError(isPermanent: true, "\(twice.path): source \(id) has another file of this name already")
    }
    if let digest {
      guard found.count == 1, let file = found.first else {
        throw AcquisitionError(
          isPermanent: true, "source \(id) has \(found.count) files, and sha256 is of one; remove sha256")
      }
      try check(file, digest, directory, flow, stop)
    }
    let files = found.map { $0.fetched(digest ?? $0.identity) }
    var status = status(of: found, done: .max)
    status.completed = files
    flow.report(status)
    return files
  }

  private struct Checked: Codable, Equatable {
    var path: BytePath
    var state: FileState
    var digest: Digest
  }

  private func check(
    _ file: LocalFile, _ wanted: Digest, _ directory: BytePath, _ flow: FetchFlow, _ stop: StopFlag
  ) throws {
    try Durability.makeDirectory(directory)
    let place = directory.appending("checked.json")
    let checked = Checked(path: file.path, state: file.state, digest: wanted)
    let known = FileManager.default.contents(atPath: place.display)
    if let known, (try? CanonicalJSON.decode(Checked.self, from: known)) == checked { return }
    let digest = try file.hash(stop) { flow.report(status(of: [file], done: $0)) }
    guard digest == wanted else {
      throw AcquisitionError(
        isPermanent: true,
        "\(file.path): has SHA-256 \(digest), and source \(id) wants \(wanted); correct the path or sha256")
    }
    try Durability.publish(Array(try CanonicalJSON.encode(checked)), at: place)
  }

  private func status(of files: [LocalFile], done: Int64) -> FetchStatus {
    var status = FetchStatus()
    status.files = files.map { file in
      FileProgress(
        name: file.name, path: file.path, total: file.state.bytes, prefix: min(done, file.state.bytes),
        isVerified: digest != nil && done == .max, identity: digest ?? file.identity)
    }
    status.bytes = status.files.reduce(0) { $0 + $1.prefix }
    status.total = files.reduce(0) { $0 + $1.state.bytes }
    return status
  }
}
