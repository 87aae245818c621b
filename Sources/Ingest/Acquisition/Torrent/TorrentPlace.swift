internal import Durability
internal import Foundation
internal import Vocabulary

/// What a torrent keeps in its source's directory.
struct TorrentPlace: Sendable {
  let directory: BytePath

  /// What the torrent's names lie below; libtorrent keeps a file of its own here for pieces that reach into unwanted files.
  var payload: BytePath { directory.appending("payload") }
  private var resume: BytePath { directory.appending("torrent.resume") }
  private var repairs: BytePath { directory.appending("torrent.repairs") }

  func make() throws {
    try Durability.makeDirectory(payload)
    try Durability.sweep(directory)
  }

  func readResume() -> [UInt8]? { FileManager.default.contents(atPath: resume.display).map { Array($0) } }
  func writeResume(_ bytes: [UInt8]) throws { try Durability.publish(bytes, at: resume) }
  func dropResume() throws { try Durability.removeTree(resume) }

  /// The .torrent that an address or a magnet link led to. Its name says which, so that another one is not taken for it.
  private func metainfo(of origin: String) -> BytePath {
    directory.appending("metainfo-\(Digest(of: Data(origin.utf8)).hex.prefix(16)).torrent")
  }

  func readMetainfo(of origin: String) -> [UInt8]? {
    FileManager.default.contents(atPath: metainfo(of: origin).display).map { Array($0) }
  }

  func writeMetainfo(_ bytes: [UInt8], of origin: String) throws {
    try Durability.publish(bytes, at: metainfo(of: origin))
  }

  func dropMetainfo(of origin: String) throws { try Durability.removeTree(metainfo(of: origin)) }

  /// How often bytes on disk were found to be wrong after they had been handed out: part of every file's identity.
  func readRepairs() -> Int {
    let text = FileManager.default.contents(atPath: repairs.display).map { String(decoding: $0, as: UTF8.self) }
    return text.flatMap { Int($0) } ?? 0
  }

  private var proof: BytePath { directory.appending("torrent.proof") }

  /// What the last hash pass that found everything right was about.
  func readProof() -> String? {
    FileManager.default.contents(atPath: proof.display).map { String(decoding: $0, as: UTF8.self) }
  }

  func writeProof(_ text: String) throws { try Durability.publish(Array(text.utf8), at: proof) }

  func writeRepairs(_ count: Int) throws { try Durability.publish(Array("\(count)".utf8), at: repairs) }
}
