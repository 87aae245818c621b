package import Vocabulary

/// A file below a source's folder.
package struct SourceFile: Sendable, Hashable {
  package var root: BytePath
  package var path: BytePath

  package init(root: BytePath, path: BytePath) {
    self.root = root
    self.path = path
  }

  package var file: BytePath { root.appending(path) }
}

/// What an archive brought: confirmed when it turns out whole, withdrawn when it does not, removed when its service is done.
extension Catalog {
  /// The archive that brought the file of this name, when it is another than `origin`.
  package func otherOrigin(root: BytePath, path: BytePath, than origin: Digest) throws -> Digest? {
    var found: Digest?
    try database.query(
      "SELECT origin FROM location WHERE root = ? AND path = ? AND origin IS NOT NULL AND origin != ?",
      [.blob(root.bytes), .blob(path.bytes), .blob(origin.bytes)]
    ) { found = try $0.digest(0) }
    return found
  }

  /// Everything that this archive brought is what its publisher made.
  package func confirm(root: BytePath, origin: Digest) throws {
    try database.query(
      "UPDATE location SET provisional = 0 WHERE root = ? AND origin = ? AND provisional = 1",
      [.blob(root.bytes), .blob(origin.bytes)])
  }

  /// Forgets what archives other than these brought to a folder, and returns it, at most `limit` files a time. What was
  /// computed of the clips stays.
  package func withdraw(root: BytePath, except origins: [Digest], limit: Int) throws -> [SourceFile] {
    let marks = origins.map { _ in "?" }.joined(separator: ",")
    var gone: [SourceFile] = []
    try database.transaction {
      try database.query(
        "SELECT path FROM location WHERE root = ? AND (origin IS NULL OR origin NOT IN (\(marks))) LIMIT ?",
        [.blob(root.bytes)] + origins.map { .blob($0.bytes) } + [.integer(limit)]
      ) { gone.append(SourceFile(root: root, path: $0.path(0))) }
      for file in gone {
        try database.query(
          "DELETE FROM location WHERE root = ? AND path = ?", [.blob(root.bytes), .blob(file.path.bytes)])
      }
    }
    return gone
  }

  /// Forgets and returns what is still provisional in a folder, at most `limit` files a time: its archive has failed.
  package func withdrawProvisional(root: BytePath, limit: Int) throws -> [SourceFile] {
    var gone: [SourceFile] = []
    try database.transaction {
      try database.query(
        "SELECT path FROM location WHERE root = ? AND provisional = 1 LIMIT ?", [.blob(root.bytes), .integer(limit)]
      ) { gone.append(SourceFile(root: root, path: $0.path(0))) }
      for file in gone {
        try database.query(
          "DELETE FROM location WHERE root = ? AND path = ?", [.blob(root.bytes), .blob(file.path.bytes)])
      }
    }
    return gone
  }

  /// Forgets the files under a root that are not in `kept`.
  package func retain(root: BytePath, paths kept: Set<BytePath>) throws {
    try database.transaction {
      var gone: [BytePath] = []
      try database.query("SELECT path FROM location WHERE root = ?", [.blob(root.bytes)]) { row in
        let path = row.path(0)
        if !kept.contains(path) { gone.append(path) }
      }
      for path in gone {
        try database.query("DELETE FROM location WHERE root = ? AND path = ?", [.blob(root.bytes), .blob(path.bytes)])
      }
    }
  }

  /// Files below a folder whose clips have all that is wanted of them, features and micro clip: their service is done.
  /// Unreadable clips stay, a better decoder may come.
  ///
  /// - Parameter micro: fingerprint of the micro clips.
  package func served(root: BytePath, micro: StageKey, limit: Int) throws -> [SourceFile] {
    var files: [SourceFile] = []
    try database.query(
      """
      SELECT path FROM location JOIN clip ON clip = number
      WHERE root = ? AND present = 1 AND pending = 0 AND state IN ('decoded', 'partial')
        AND (is_micro = 1 OR EXISTS (SELECT 1 FROM feature WHERE feature.clip = number AND fingerprint = ?)) LIMIT ?
      """, [.blob(root.bytes), .blob(micro.digest), .integer(limit)]
    ) { files.append(SourceFile(root: root, path: $0.path(0))) }
    return files
  }

  /// The files have been removed; that they had arrived is kept.
  package func removed(_ files: [SourceFile]) throws {
    try database.transaction {
      for file in files {
        try database.query(
          "UPDATE location SET present = 0 WHERE root = ? AND path = ?",
          [.blob(file.root.bytes), .blob(file.path.bytes)])
      }
    }
  }

  /// How many clips' files under a folder are provisional.
  package func provisional(root: BytePath) throws -> Int {
    var count = 0
    try database.query(
      "SELECT COUNT(*) FROM location WHERE root = ? AND provisional = 1", [.blob(root.bytes)]
    ) { count = $0.int(0) }
    return count
  }
}
