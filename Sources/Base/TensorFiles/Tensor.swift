internal import Foundation
package import Vocabulary

/// The element types Primatrix writes, by their safetensors names.
package enum ElementType: String, Sendable, Codable {
  case float16 = "F16"
  case float32 = "F32"
  case int32 = "I32"
  case uint8 = "U8"

  package var byteCount: Int {
    switch self {
    case .float16: 2
    case .float32, .int32: 4
    case .uint8: 1
    }
  }
}

/// A tensor about to be written: little-endian bytes in row-major order.
package struct TensorData: Sendable {
  package var name: String
  package var type: ElementType
  package var shape: [Int]
  package var bytes: [UInt8]

  package init(name: String, float32 values: [Float], shape: [Int]) {
    self.init(name: name, type: .float32, shape: shape, bytes: values.withUnsafeBytes { Array($0) })
  }

  /// Rounds to float16, to nearest even.
  package init(name: String, float16 values: [Float], shape: [Int]) {
    let halves = values.map { Float16($0) }
    self.init(name: name, type: .float16, shape: shape, bytes: halves.withUnsafeBytes { Array($0) })
  }

  package init(name: String, int32 values: [Int32], shape: [Int]) {
    self.init(name: name, type: .int32, shape: shape, bytes: values.withUnsafeBytes { Array($0) })
  }

  package init(name: String, uint8 values: [UInt8], shape: [Int]) {
    self.init(name: name, type: .uint8, shape: shape, bytes: values)
  }

  /// A copy of a tensor that lies in a file.
  package init(_ tensor: Tensor) {
    self.init(
      name: tensor.name, type: tensor.type, shape: tensor.shape, bytes: tensor.withUnsafeBytes { Array($0) })
  }

  private init(name: String, type: ElementType, shape: [Int], bytes: [UInt8]) {
    precondition(bytes.count == shape.reduce(1, *) * type.byteCount, "\(name): the values do not fill the shape")
    self.name = name
    self.type = type
    self.shape = shape
    self.bytes = bytes
  }
}

/// A tensor of a mapped file. It keeps its file mapped.
package struct Tensor: Sendable {
  package let name: String
  package let type: ElementType
  package let shape: [Int]
  let file: TensorFile
  let range: Range<Int>

  package var path: BytePath { file.path }
  package var count: Int { shape.reduce(1, *) }

  /// Whether the bytes are those that were written, as far as the file has their digest.
  package var isIntact: Bool {
    guard let digest = file.metadata[TensorFile.digestKey(name)] else { return true }
    return withUnsafeBytes { Digest(of: $0).hex == digest }
  }

  /// The bytes in the mapping, valid during the call only.
  package func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try body(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
  }

  /// Has the kernel read the bytes into memory, without waiting for them: what is touched without that is read a few pages
  /// at a time, each when it is waited for.
  package func willBeRead() {
    withUnsafeBytes { bytes in
      guard let start = bytes.baseAddress else { return }
      let offset = Int(bitPattern: start) % Int(getpagesize())
      // A hint: where the kernel does not take it, reading is only slower.
      _ = madvise(UnsafeMutableRawPointer(mutating: start - offset), bytes.count + offset, MADV_WILLNEED)
    }
  }

  /// Writes the values as float32 to `destination`, which must have room for `count`. Float16 is widened exactly.
  package func copyFloats(to destination: UnsafeMutablePointer<Float>) {
    withUnsafeBytes { raw in
      switch type {
      case .float32:
        UnsafeMutableRawPointer(destination).copyMemory(
          from: raw.baseAddress ?? UnsafeRawPointer(destination), byteCount: raw.count)
      case .float16:
        guard let halves = raw.baseAddress else { return }
        for index in 0..<count {
          destination[index] = Self.widen(halves.loadUnaligned(fromByteOffset: index * 2, as: UInt16.self))
        }
      case .int32:
        for index in 0..<count {
          destination[index] = Float(raw.loadUnaligned(fromByteOffset: index * 4, as: Int32.self))
        }
      case .uint8: for index in 0..<count { destination[index] = Float(raw[index]) }
      }
    }
  }

  /// Float16 to Float, exactly. Written out because the standard library's conversion is a function call a value where
  /// the processor is not known to have one, and this becomes vector instructions: half of a training epoch otherwise.
  private static func widen(_ half: UInt16) -> Float {
    let bits = UInt32(half)
    // The exponent's bias differs by 112; multiplying also makes subnormal values normal.
    let magnitude = Float(bitPattern: (bits & 0x7FFF) << 13) * 0x1p112
    let infinite: UInt32 = bits & 0x7C00 == 0x7C00 ? 0x7F80_0000 : 0
    return Float(bitPattern: magnitude.bitPattern | infinite | (bits & 0x8000) << 16)
  }

  package var floats: [Float] {
    [Float](unsafeUninitializedCapacity: count) { buffer, used in
      if let start = buffer.baseAddress { copyFloats(to: start) }
      used = count
    }
  }

  package var int32s: [Int32] {
    precondition(type == .int32, "\(name) holds \(type.rawValue)")
    return withUnsafeBytes { raw in (0..<count).map { raw.loadUnaligned(fromByteOffset: $0 * 4, as: Int32.self) } }
  }
}
