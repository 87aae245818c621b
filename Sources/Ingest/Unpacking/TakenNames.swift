internal import Vocabulary

/// The names of all members so far, those of earlier attempts included: 16 bytes each, whatever their length.
struct TakenNames {
  enum Conflict: Equatable {
    /// A member or a folder has this very name.
    case taken
    /// A member has the name of a folder of it.
    case blocked
  }

  /// Half of a SHA-256 digest. Nobody can make two names that share it.
  private struct Key: Hashable {
    var high: UInt64
    var low: UInt64

    init(_ name: ArraySlice<UInt8>) {
      let bytes = Digest(of: name).bytes
      high = bytes[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
      low = bytes[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  private var files: Set<Key> = []
  private var folders: Set<Key> = []

  var folderCount: Int { folders.count }

  func conflict(_ path: BytePath) -> Conflict? {
    let key = Key(path.bytes[...])
    if files.contains(key) || folders.contains(key) { return .taken }
    return Self.ancestors(path).contains { files.contains(Key($0)) } ? .blocked : nil
  }

  mutating func insert(_ path: BytePath) {
    files.insert(Key(path.bytes[...]))
    // From the innermost: where one is known, all around it are.
    for folder in Self.ancestors(path) where !folders.insert(Key(folder)).inserted { return }
  }

  /// The folders of a path, from the innermost to the outermost.
  private static func ancestors(_ path: BytePath) -> [ArraySlice<UInt8>] {
    path.bytes.indices.reversed().filter { path.bytes[$0] == UInt8(ascii: "/") }.map { path.bytes[..<$0] }
  }
}
