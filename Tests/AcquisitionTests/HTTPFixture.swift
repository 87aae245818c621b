import Acquisition
import Foundation
import TestSupport
import Vocabulary

extension HTTPOptions {
  /// In tests nobody waits long, and everything is written down often.
  static var forTests: HTTPOptions {
    var options = HTTPOptions()
    options.backoff = 0.02
    options.backoffLimit = 0.2
    options.checkpointBytes = 1 << 20
    options.checkpointSeconds = 0.02
    return options
  }
}

enum Bytes {
  /// Bytes that look like an archive's: the same seed gives the same.
  static func random(_ count: Int, seed: UInt64) -> [UInt8] {
    var generator = SplitMix64(seed: seed)
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
      for index in stride(from: 0, to: count, by: 8) {
        var word = generator.next()
        for byte in index..<min(index + 8, count) {
          buffer[byte] = UInt8(truncatingIfNeeded: word)
          word >>= 8
        }
      }
      written = count
    }
  }

  /// A version of a file in which every 4 KiB say which version they are of and where they belong.
  static func version(_ name: Character, _ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 4096)
    while bytes.count < count {
      let words = Array("version \(name) offset \(bytes.count)\n".utf8)
      bytes += words + [UInt8](repeating: name.asciiValue ?? 0, count: 4096 - words.count)
    }
    return Array(bytes.prefix(count))
  }
}

/// Several nginx servers with one file.
final class NginxMirrors: @unchecked Sendable {
  // Used by one test at a time.
  private var servers: [Nginx]
  private let ports: [UInt16]
  private let directory: URL
  private let name: String

  init(_ count: Int, serving content: [UInt8], as name: String, in directory: URL, location: String = "") throws {
    self.directory = directory
    self.name = name
    ports = try (0..<count).map { _ in try LocalPort.free() }
    servers = []
    for index in 0..<count {
      try FileManager.default.createDirectory(at: folder(index), withIntermediateDirectories: true)
      try write(content, at: index)
    }
    try restart(location: location)
  }

  var urls: [String] { ports.map { "http://127.0.0.1:\($0)/\(name)" } }

  func restart(location: String) throws {
    stop()
    servers = try ports.indices.map {
      try Nginx(serving: folder($0), in: directory, location: location, port: ports[$0])
    }
  }

  func stop() { servers = [] }

  func damage(_ index: Int) throws {
    let file = folder(index).appending(path: name)
    var bytes = Array(try Data(contentsOf: file))
    for at in stride(from: 1000, to: bytes.count, by: 100_000) { bytes[at] ^= 1 }
    try write(bytes, at: index)
  }

  /// With one time for all: nginx makes its tag of time and length.
  private func write(_ bytes: [UInt8], at index: Int) throws {
    let file = folder(index).appending(path: name)
    try Data(bytes).write(to: file)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1e9)], ofItemAtPath: file.path)
  }

  private func folder(_ index: Int) -> URL { directory.appending(path: "mirror-\(index)") }
}
