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

  /// What is needed to go on: bytes on disk beyond `durable` are not to be trusted after a crash.
  struct Part: Codable, Equatable {
    var url: String
    /// A strong entity tag (RFC 9110, 8.8.3); without one nothing says that the rest belongs to the same file.
    var entityTag: String
    var total: Int64?
    var durable: Int64
  }

  private struct Finished: Codable {
    var url: String
    var digest: Digest
    var bytes: Int64
    /// Nanoseconds since 1970.
    var modified: Int64
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

  func readPart() -> Part? { read(Part.self, partRecord) }

  func write(_ part: Part) throws { try Durability.publish(Array(try CanonicalJSON.encode(part)), at: partRecord) }

  /// From here on the part's bytes are nothing to go on from. Call before they change.
  func dropPartRecord() throws { try Durability.removeTree(partRecord) }

  func dropPart() throws {
    try dropPartRecord()
    try Durability.removeTree(part)
  }

  /// The file, when it is what the source means and no other file since. Without a digest the address says what is meant.
  func finished(_ source: HTTPSource) -> DownloadedFile? {
    guard let record = read(Finished.self, fileRecord), let (bytes, modified) = state(file), record.bytes == bytes,
      record.modified == modified
    else { return nil }
    let isMeant = source.digest.map { $0 == record.digest } ?? source.urls.contains(record.url)
    guard isMeant else { return nil }
    return DownloadedFile(path: file, digest: record.digest, bytes: bytes)
  }

  /// Publishes the part as the file.
  func finish(_ digest: Digest, from url: String) throws -> DownloadedFile {
    try Durability.publish(staged: part, at: file)
    guard let (bytes, modified) = state(file) else {
      throw AcquisitionError(isPermanent: false, "\(file): vanished while it was being published")
    }
    let record = Finished(url: url, digest: digest, bytes: bytes, modified: modified)
    try Durability.publish(Array(try CanonicalJSON.encode(record)), at: fileRecord)
    try dropPartRecord()
    return DownloadedFile(path: file, digest: digest, bytes: bytes)
  }

  private func read<Value: Decodable>(_ type: Value.Type, _ path: BytePath) -> Value? {
    FileManager.default.contents(atPath: path.display).flatMap { try? CanonicalJSON.decode(type, from: $0) }
  }

  private func state(_ path: BytePath) -> (bytes: Int64, modified: Int64)? {
    var status = stat()
    guard path.withCString({ lstat($0, &status) }) == 0 else { return nil }
    return (Int64(status.st_size), Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec))
  }
}
