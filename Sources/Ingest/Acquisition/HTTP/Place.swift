internal import Durability
internal import Foundation
internal import Vocabulary

/// Where a download lies: `NAME.part` with `NAME.part.json` while it is under way, then `NAME` with `NAME.json`.
struct Place: Sendable {
  let directory: BytePath
  let name: String

  var file: BytePath { directory.appending(name) }
  var part: BytePath { directory.appending("\(name).part") }
  private var partRecord: BytePath { directory.appending("\(name).part.json") }
  private var fileRecord: BytePath { directory.appending("\(name).json") }

  private struct Finished: Codable {
    var urls: [String]
    var digest: Digest
    var identity: Digest
    var state: FileState
  }

  /// The last part of an address as a plain file name.
  static func fileName(_ url: String) -> String {
    let path = URLComponents(string: url)?.path ?? ""
    let last = path.split(separator: "/").last.map(String.init) ?? ""
    let safe = String(last.unicodeScalars.prefix(200).map { Self.isSafe($0) ? Character($0) : "_" })
    return safe.isEmpty || safe.hasPrefix(".") ? "archive\(safe)" : safe
  }

  private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", ".", "-", "_": true
    default: false
    }
  }

  func readPart() -> PartRecord? { read(PartRecord.self, partRecord) }

  /// True when a part was ever begun here: somebody may have read of it.
  var hasTraces: Bool { [part, partRecord].contains { $0.withCString { access($0, F_OK) } == 0 } }

  func write(_ record: PartRecord) throws {
    try Durability.publish(Array(try CanonicalJSON.encode(record)), at: partRecord)
  }

  /// The record stays until the bytes are gone: without it nobody would know that there was something.
  func dropPart() throws {
    try Durability.removeTree(part)
    try Durability.sync(directory: directory)
    try Durability.removeTree(partRecord)
  }

  /// Parts of an address that is no longer configured, and what a crash left of files that were never published.
  func sweep() throws {
    try Durability.sweep(directory)
    for child in try FileManager.default.contentsOfDirectory(atPath: directory.display)
    where child.hasSuffix(".part") || child.hasSuffix(".part.json") {
      let path = directory.appending(child)
      if path != part && path != partRecord { try Durability.removeTree(path) }
    }
  }

  /// The file, when it is what the source means and no other file since. Without a digest the address says what is meant.
  func finished(_ source: HTTPSource) -> FetchedFile? {
    // A file that was brought back from a backup has another number, and is the same.
    guard let record = read(Finished.self, fileRecord), let state = FileState(file), record.state.bytes == state.bytes,
      record.state.modified == state.modified
    else { return nil }
    let isMeant = source.digest.map { $0 == record.digest } ?? !record.urls.filter(source.urls.contains).isEmpty
    return isMeant ? fetched(state, record.identity) : nil
  }

  /// Publishes the part, which must be durable, as the file.
  func finish(_ digest: Digest, of record: PartRecord) throws -> FetchedFile {
    try Durability.publish(staged: part, at: file)
    guard let state = FileState(file) else {
      throw AcquisitionError(isPermanent: false, "\(file): vanished while it was being published")
    }
    let finished = Finished(
      urls: record.contributors, digest: digest, identity: record.identity, state: state)
    try Durability.publish(Array(try CanonicalJSON.encode(finished)), at: fileRecord)
    try Durability.removeTree(partRecord)
    return fetched(state, record.identity)
  }

  private func fetched(_ state: FileState, _ identity: Digest) -> FetchedFile {
    FetchedFile(name: BytePath(name), path: file, bytes: state.bytes, identity: identity, isOurs: true)
  }

  private func read<Value: Decodable>(_ type: Value.Type, _ path: BytePath) -> Value? {
    FileManager.default.contents(atPath: path.display).flatMap { try? CanonicalJSON.decode(type, from: $0) }
  }
}
