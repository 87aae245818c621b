package import Vocabulary

/// Which files are clips, by name alone: what camera traps and those who convert their footage write.
package enum ClipSuffix {
  private static let suffixes: Set<String> = [
    "3gp", "asf", "avi", "flv", "m2ts", "m4v", "mjpeg", "mjpg", "mkv", "mov", "mp4", "mpeg", "mpg", "mts", "ogv", "ts",
    "webm", "wmv",
  ]

  /// False for hidden files too: rsync and our own writers give such names to what is not finished.
  package static func isClip(_ path: BytePath) -> Bool {
    let name = path.lastComponent.bytes
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0, name[0] != UInt8(ascii: ".") else { return false }
    return suffixes.contains(String(decoding: name[(dot + 1)...], as: UTF8.self).lowercased())
  }
}
