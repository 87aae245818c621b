internal import Vocabulary

/// The tree of SHA-256 over a file's blocks of 16 KiB (BEP 52), built as the bytes pass: one node a level is kept.
struct MerkleTree: ~Copyable {
  static let blockBytes = 16 << 10

  /// For each level, the left node that waits for its right neighbour.
  private var waiting: [[UInt8]?] = []
  private var blocks = 0

  /// Takes the next block; only the file's last may be shorter.
  mutating func add(_ block: UnsafeRawBufferPointer) {
    var hasher = Hasher256()
    hasher.update(block)
    carry(hasher.finish().bytes, to: 0)
    blocks += 1
  }

  /// The root; the leaves that are missing to a power of two are zeros.
  mutating func root() -> [UInt8] {
    if blocks == 0 { return [UInt8](repeating: 0, count: 32) }
    var padding = [UInt8](repeating: 0, count: 32)
    var node: [UInt8]?
    for level in waiting.indices {
      if let left = waiting[level] {
        node = level == waiting.count - 1 && node == nil ? left : Self.join(left, node ?? padding)
      } else if let right = node {
        node = Self.join(right, padding)
      }
      padding = Self.join(padding, padding)
    }
    return node ?? padding
  }

  private mutating func carry(_ node: [UInt8], to level: Int) {
    if level == waiting.count { waiting.append(nil) }
    guard let left = waiting[level] else {
      waiting[level] = node
      return
    }
    waiting[level] = nil
    carry(Self.join(left, node), to: level + 1)
  }

  private static func join(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
    var hasher = Hasher256()
    left.withUnsafeBytes { hasher.update($0) }
    right.withUnsafeBytes { hasher.update($0) }
    return hasher.finish().bytes
  }
}
