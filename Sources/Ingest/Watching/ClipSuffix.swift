package import Vocabulary

/// Which files are clips, by name alone: what camera traps and those who convert their footage write.
package enum ClipSuffix {
  private static let suffixes: Set<String> = [
    "3gp", "asf", "avi", "flv", "m2ts", "m4v", "mjpeg", "mjpg", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "ogv", "ts",
    "webm", "wmv",
  ]

  /// False for temporary names too.
  package static func isClip(_ path: BytePath) -> Bool {
    suffix(path).map(suffixes.contains) ?? false && TemporaryName.owner(path) == nil
  }

  /// Whether a file may hold labels.
  package static func isTable(_ path: BytePath) -> Bool { suffix(path) == "csv" && TemporaryName.owner(path) == nil }

  private static func suffix(_ path: BytePath) -> String? {
    let name = path.lastComponent.bytes
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0 else { return nil }
    return String(decoding: name[(dot + 1)...], as: UTF8.self).lowercased()
  }
}
