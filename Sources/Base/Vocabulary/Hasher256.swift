internal import CCrypto
internal import Foundation

/// SHA-256 over a stream: `update` any number of times, then `finish` once.
package struct Hasher256: ~Copyable {
  private var context = SHA256_CTX()

  package init() { precondition(SHA256_Init(&context) == 1, "libcrypto has no SHA-256") }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard bytes.count > 0 else { return }
    precondition(SHA256_Update(&context, bytes.baseAddress, bytes.count) == 1, "SHA-256 update failed")
  }

  /// The digest of everything so far; the hasher must not be used again.
  package mutating func finish() -> Digest {
    var bytes = [UInt8](repeating: 0, count: 32)
    precondition(SHA256_Final(&bytes, &context) == 1, "SHA-256 finish failed")
    guard let digest = Digest(bytes: bytes) else { preconditionFailure("SHA-256 has 32 bytes") }
    return digest
  }
}

/// Where a hasher is in its stream: what is needed to go on later without the bytes that it has seen.
package struct HashMidstate: Sendable, Equatable, Codable {
  /// The eight words of FIPS 180-4, 6.2, after the last whole block.
  fileprivate var words: [UInt32]
  /// Bytes so far.
  package fileprivate(set) var bytes: Int64
  /// The begun block: fewer than 64 bytes.
  fileprivate var rest: [UInt8]
}

extension Hasher256 {
  package var midstate: HashMidstate {
    let words = withUnsafeBytes(of: context.h) { Array($0.bindMemory(to: UInt32.self)) }
    let rest = withUnsafeBytes(of: context.data) { Array($0.prefix(Int(context.num))) }
    let bits = UInt64(context.Nh) << 32 | UInt64(context.Nl)
    return HashMidstate(words: words, bytes: Int64(bits / 8), rest: rest)
  }

  /// Nil when the state contradicts itself.
  package init?(_ state: HashMidstate) {
    guard state.words.count == 8, state.bytes >= 0, state.rest.count == Int(state.bytes % 64) else { return nil }
    self.init()
    withUnsafeMutableBytes(of: &context.h) { $0.copyBytes(from: state.words.withUnsafeBytes { Array($0) }) }
    withUnsafeMutableBytes(of: &context.data) { $0.copyBytes(from: state.rest) }
    context.num = UInt32(state.rest.count)
    let bits = UInt64(state.bytes) * 8
    context.Nl = UInt32(truncatingIfNeeded: bits)
    context.Nh = UInt32(truncatingIfNeeded: bits >> 32)
  }
}
