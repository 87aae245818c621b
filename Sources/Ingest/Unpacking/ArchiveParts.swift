internal import Foundation
internal import Vocabulary
internal import WorkUnits

/// The files of one archive, opened once and laid end to end.
final class ArchiveParts {
  private struct Part {
    var path: BytePath
    var descriptor: Int32
    /// As of the last `refresh`.
    var bytes: Int64
  }

  private var parts: [Part] = []
  /// Of all parts together, as of the last `refresh`.
  private(set) var total: Int64 = 0
  /// For messages.
  let name: BytePath

  /// - Throws: `WorkError(.environment)` when one of them is missing or no regular file.
  init(_ paths: [BytePath]) throws {
    guard let first = paths.first else { throw WorkError(.failure, "an archive without a part cannot be unpacked") }
    name = first
    for path in paths {
      // A FIFO would block without O_NONBLOCK.
      let descriptor = path.withCString { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
      guard descriptor >= 0 else { throw Self.failure(path, "cannot be opened", errno) }
      parts.append(Part(path: path, descriptor: descriptor, bytes: 0))
      var status = stat()
      guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        throw WorkError(.environment, "\(path): no regular file, so no archive can be read from it")
      }
    }
    refresh()
  }

  deinit { for part in parts { close(part.descriptor) } }

  /// Looks anew how large the parts are.
  func refresh() {
    total = 0
    for index in parts.indices {
      var status = stat()
      if fstat(parts[index].descriptor, &status) == 0 { parts[index].bytes = Int64(status.st_size) }
      total += parts[index].bytes
    }
  }

  /// Where the part that holds `offset` begins and ends; behind the last part, its end twice.
  func bounds(around offset: Int64) -> Range<Int64> {
    var start: Int64 = 0
    for part in parts {
      if offset < start + part.bytes { return start..<start + part.bytes }
      start += part.bytes
    }
    return start..<start
  }

  /// Reads some of the bytes from `offset` on, at least one.
  ///
  /// - Throws: `WorkError(.environment)` when the disk does not give them.
  func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var start: Int64 = 0
    for part in parts {
      if offset >= start + part.bytes {
        start += part.bytes
        continue
      }
      while true {
        let wanted = min(buffer.count, Int(start + part.bytes - offset))
        let count = pread(part.descriptor, buffer.baseAddress, wanted, off_t(offset - start))
        if count > 0 { return count }
        if count == 0 { throw WorkError(.environment, "\(part.path): it became shorter while it was read") }
        if errno != EINTR { throw Self.failure(part.path, "cannot be read", errno) }
      }
    }
    throw WorkError(.environment, "\(name): read behind its end")
  }

  private static func failure(_ path: BytePath, _ what: String, _ code: Int32) -> WorkError {
    WorkError(.environment, "\(path): \(what): \(String(cString: strerror(code)))")
  }
}
