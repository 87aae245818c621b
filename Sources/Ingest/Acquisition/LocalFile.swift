internal import Foundation
internal import Vocabulary

/// An archive that lies on this machine already. Copied by our own calls: libcurl takes a read error for the file's end.
struct LocalFile {
  private let url: String
  private let path: String

  /// Nil for an address that is none of a local file: an absolute path, or `file:` with one.
  init?(_ url: String) {
    self.url = url
    if url.hasPrefix("/") {
      path = url
    } else if url.lowercased().hasPrefix("file:") {
      path = URL(string: url)?.path(percentEncoded: false) ?? ""
    } else {
      return nil
    }
  }

  func copy(
    into place: Place, stop: StopFlag, progress: @Sendable (DownloadProgress) -> Void
  ) throws -> Digest {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if file < 0 { throw failure(String(cString: strerror(errno)), isPermanent: true) }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw failure("is no regular file", isPermanent: true)
    }
    try place.dropPartRecord()
    var part = try PartFile(place.part)
    _ = try part.keep(0)
    var buffer = [UInt8](repeating: 0, count: 4 << 20)
    while true {
      if stop.isRaised { throw CancellationError() }
      let count = read(file, &buffer, buffer.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw failure(String(cString: strerror(errno)), isPermanent: false)
      }
      if count == 0 { break }
      try buffer.withUnsafeBytes { try part.append(UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
      progress(DownloadProgress(bytes: part.bytes, total: Int64(status.st_size)))
    }
    return part.digest()
  }

  private func failure(_ reason: String, isPermanent: Bool) -> AcquisitionError {
    AcquisitionError(isPermanent: isPermanent, "\(Transfer.shown(url)): cannot be read: \(reason)")
  }
}
