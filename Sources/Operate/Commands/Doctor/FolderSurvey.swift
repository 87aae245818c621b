internal import Foundation
internal import Vocabulary
internal import Watching

/// What lies in some folders, counted without opening any file.
struct FolderSurvey {
  private(set) var clips = 0
  /// The folders themselves included.
  private(set) var folders = 0
  /// The first few clips.
  private(set) var samples: [BytePath] = []

  /// Entries after which the rest is not counted.
  private static let limit = 2_000_000
  private static let samplesKept = 5

  init(_ roots: [BytePath]) {
    var rest = roots
    var count = 0
    while let path = rest.popLast(), count < Self.limit {
      guard let folder = path.withCString({ opendir($0) }) else {
        // A root may be a file, too.
        if access(path.display, F_OK) == 0 { add(file: path) }
        continue
      }
      defer { closedir(folder) }
      folders += 1
      while let entry = readdir(folder) {
        let name = Self.name(entry)
        if name == "." || name == ".." { continue }
        count += 1
        let child = path.appending(name)
        if Self.isFolder(entry, child) { rest.append(child) } else { add(file: child) }
      }
    }
  }

  private static func name(_ entry: UnsafeMutablePointer<dirent>) -> BytePath {
    withUnsafeBytes(of: &entry.pointee.d_name) { BytePath(bytes: Array($0.prefix { $0 != 0 })) }
  }

  /// Links are not followed.
  private static func isFolder(_ entry: UnsafeMutablePointer<dirent>, _ path: BytePath) -> Bool {
    if entry.pointee.d_type != UInt8(DT_UNKNOWN) { return entry.pointee.d_type == UInt8(DT_DIR) }
    var status = stat()
    return path.withCString { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  private mutating func add(file: BytePath) {
    guard ClipSuffix.isClip(file) else { return }
    clips += 1
    if samples.count < Self.samplesKept { samples.append(file) }
  }
}
