internal import Foundation
package import Vocabulary

extension TensorFile {
  /// Writes a safetensors file: tensors in the given order, metadata sorted, the header padded to eight bytes. The same
  /// input gives the same bytes. The file is created and must not exist; whoever publishes it makes it durable.
  ///
  /// - Parameter hasDigests: writes each tensor's SHA-256 into the metadata, for files that are read for years.
  package static func write(
    _ tensors: [TensorData], metadata: [String: String] = [:], hasDigests: Bool = false, to path: BytePath
  ) throws(TensorFileError) {
    var metadata = metadata
    if hasDigests { for tensor in tensors { metadata[digestKey(tensor.name)] = Digest(of: tensor.bytes).hex } }
    let descriptor = path.withCString { open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644) }
    guard descriptor >= 0 else { throw .unwritable(path, errno) }
    defer { close(descriptor) }
    var header = headerText(tensors, metadata: metadata)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
    for part in [length, header] + tensors.map(\.bytes) { try writeAll(part, to: descriptor, path: path) }
  }

  static func digestKey(_ name: String) -> String { "sha256 \(name)" }

  private static func headerText(_ tensors: [TensorData], metadata: [String: String]) -> [UInt8] {
    var parts: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
      parts.append("\(quoted(metadataKey)):{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for tensor in tensors {
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      let end = offset + tensor.bytes.count
      parts.append(
        "\(quoted(tensor.name)):{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],"
          + "\"data_offsets\":[\(offset),\(end)]}")
      offset = end
    }
    return Array("{\(parts.joined(separator: ","))}".utf8)
  }

  private static func quoted(_ text: String) -> String {
    guard let data = try? CanonicalJSON.encode(text) else { preconditionFailure("a string is always JSON") }
    return String(decoding: data, as: UTF8.self)
  }

  private static func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: BytePath) throws(TensorFileError) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done)
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw .unwritable(path, errno)
      }
      done += count
    }
  }
}
