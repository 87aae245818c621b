/// Writes one message in the protobuf wire format (protobuf.dev/programming-guides/encoding): fields in the order they
/// are added, repeated numbers unpacked, so the same calls give the same bytes.
struct ProtobufMessage {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ field: Int, _ number: Int) {
    key(field, wireType: 0)
    varint(UInt64(bitPattern: Int64(number)))
  }

  mutating func add(_ field: Int, _ number: Float) {
    key(field, wireType: 5)
    withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func add(_ field: Int, _ text: String) { add(field, Array(text.utf8)) }
  mutating func add(_ field: Int, _ message: ProtobufMessage) { add(field, message.bytes) }

  mutating func add(_ field: Int, _ content: [UInt8]) {
    key(field, wireType: 2)
    varint(UInt64(content.count))
    bytes.append(contentsOf: content)
  }

  private mutating func key(_ field: Int, wireType: UInt64) { varint(UInt64(field) << 3 | wireType) }

  private mutating func varint(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
