internal import Foundation
package import Vocabulary

/// A safetensors file, read through a memory map.
///
/// Format (Hugging Face, "safetensors", version 0.4): a 64-bit little-endian length, that many bytes of JSON naming each
/// tensor's `dtype`, `shape` and `data_offsets`, then the data. Everything is bounds-checked before a tensor is handed
/// out: offsets inside the file, contiguous, in line with the shape.
///
/// Immutable after `init`, and the map is private and read-only, so it may be shared between threads; published files
/// never change, which is what makes the map safe to read.
package final class TensorFile: @unchecked Sendable {
  package let path: BytePath
  package let metadata: [String: String]
  let bytes: UnsafeRawBufferPointer
  private let entries: [String: (type: ElementType, shape: [Int], range: Range<Int>)]

  package init(mapping path: BytePath) throws(TensorFileError) {
    self.path = path
    bytes = try Self.map(path)
    do throws(TensorFileError) {
      (entries, metadata) = try Self.parse(bytes, path: path)
    } catch {
      munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
      throw error
    }
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) }

  /// Sorted.
  package var names: [String] { entries.keys.sorted() }

  package subscript(name: String) -> Tensor? {
    entries[name].map { Tensor(name: name, type: $0.type, shape: $0.shape, file: self, range: $0.range) }
  }

  /// The tensor, or an error that names the file and the tensor.
  package func tensor(_ name: String) throws(TensorFileError) -> Tensor {
    guard let tensor = self[name] else { throw .damaged(path, "it has no tensor \"\(name)\"") }
    return tensor
  }

  /// The same, of what is to be used as it is: its bytes are those that were written, as far as the file has their digest.
  package func intact(_ name: String) throws(TensorFileError) -> Tensor {
    let tensor = try tensor(name)
    guard tensor.isIntact else { throw .damaged(path, "\"\(name)\" is not what was written") }
    return tensor
  }

  private static func map(_ path: BytePath) throws(TensorFileError) -> UnsafeRawBufferPointer {
    let descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
    guard descriptor >= 0 else { throw .unreadable(path, errno) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .unreadable(path, errno) }
    let count = Int(status.st_size)
    guard count >= 8 else { throw .damaged(path, "\(count) bytes are too few") }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw .unreadable(path, errno)
    }
    return UnsafeRawBufferPointer(start: start, count: count)
  }

  private struct Entry: Decodable {
    var dtype: String
    var shape: [Int]
    var offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }

  private typealias Parsed = ([String: (type: ElementType, shape: [Int], range: Range<Int>)], [String: String])

  private static func parse(_ bytes: UnsafeRawBufferPointer, path: BytePath) throws(TensorFileError) -> Parsed {
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= 100 << 20, length <= UInt64(bytes.count - 8) else {
      throw .damaged(path, "its header is longer than the file")
    }
    let start = 8 + Int(length)
    let header: Header
    do {
      header = try JSONDecoder().decode(Header.self, from: Data(bytes[8..<start]))
    } catch {
      throw .damaged(path, "its header is not the JSON of a safetensors file")
    }
    var entries: [String: (type: ElementType, shape: [Int], range: Range<Int>)] = [:]
    var covered = 0
    for (name, entry) in header.tensors {
      guard let type = ElementType(rawValue: entry.dtype) else {
        throw .damaged(path, "\"\(name)\" has the unknown type \(entry.dtype)")
      }
      var size = type.byteCount
      for side in entry.shape {
        let (product, overflow) = size.multipliedReportingOverflow(by: side)
        guard side >= 0, !overflow else { throw .damaged(path, "the shape of \"\(name)\" is impossible") }
        size = product
      }
      let offsets = entry.offsets
      guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1], offsets[1] <= bytes.count - start,
        offsets[1] - offsets[0] == size
      else { throw .damaged(path, "the place of \"\(name)\" is outside the file or does not fit its shape") }
      entries[name] = (type, entry.shape, start + offsets[0]..<start + offsets[1])
      covered += size
    }
    guard covered == bytes.count - start else { throw .damaged(path, "its tensors do not fill it") }
    return (entries, header.metadata)
  }

  private struct Header: Decodable {
    var tensors: [String: Entry] = [:]
    var metadata: [String: String] = [:]

    struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      for key in container.allKeys {
        if key.stringValue == TensorFile.metadataKey {
          metadata = try container.decode([String: String].self, forKey: key)
        } else {
          tensors[key.stringValue] = try container.decode(Entry.self, forKey: key)
        }
      }
    }
  }

  static let metadataKey = "__metadata__"
}

/// Why a tensor file cannot be used.
package enum TensorFileError: Error, CustomStringConvertible {
  /// The system's errno.
  case unreadable(BytePath, Int32)
  case unwritable(BytePath, Int32)
  case damaged(BytePath, String)

  package var description: String {
    switch self {
    case .unreadable(let path, let code): "\(path): cannot be read: \(String(cString: strerror(code)))"
    case .unwritable(let path, let code): "\(path): cannot be written: \(String(cString: strerror(code)))"
    case .damaged(let path, let what): "\(path) is damaged: \(what)"
    }
  }
}
