internal import CCurl
internal import Foundation
internal import Vocabulary

/// One attempt at one address, from the bytes that are there to the finished file.
struct Attempt {
  let source: HTTPSource
  let url: String
  let place: Place
  let stop: StopFlag
  let progress: @Sendable (DownloadProgress) -> Void

  func run() throws -> DownloadedFile {
    if let file = LocalFile(url) { return try check(try file.copy(into: place, stop: stop, progress: progress)) }
    var known = place.readPart().flatMap { $0.url == url && $0.durable > 0 ? $0 : nil }
    if let known, known.durable == known.total, let digest = try whole(known) { return try check(digest) }
    // At most twice: once to go on, once more from the beginning when the server has another file now.
    while true {
      let transfer = try Transfer(url: url, place: place, known: known, stop: stop, progress: progress)
      switch try transfer.perform() {
      case .complete(let digest): return try check(digest)
      case .mustRestart:
        try place.dropPart()
        guard known != nil else {
          throw AcquisitionError(isPermanent: false, "\(shown): the server answers a plain request with a part")
        }
        known = nil
      }
    }
  }

  /// A crash came between the last byte and the file's name: nothing is left to ask for.
  private func whole(_ known: Place.Part) throws -> Digest? {
    var part = try PartFile(place.part)
    return try part.keep(known.durable) ? part.digest() : nil
  }

  private func check(_ digest: Digest) throws -> DownloadedFile {
    if let wanted = source.digest, wanted != digest {
      try place.dropPart()
      throw AcquisitionError(
        isPermanent: true,
        "\(shown): has SHA-256 \(digest), and source \(source.id) wants \(wanted); correct the address or sha256. What "
          + "was downloaded is removed")
    }
    return try place.finish(digest, from: url)
  }

  private var shown: String { Transfer.shown(url) }
}
