import Foundation
import TestSupport
import Vocabulary

/// A file system of a few megabytes, where the machine lets us mount one.
final class SmallDisk {
  let path: BytePath

  /// Mounting needs root in a machine that allows it; false where a container forbids it even then.
  static let isPossible: Bool = {
    (try? Scratch.with { directory in _ = try SmallDisk(in: directory, bytes: 1 << 16) }) != nil
  }()

  init(in directory: URL, bytes: Int64) throws {
    let folder = directory.appending(path: "small-disk")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = BytePath(folder.path)
    try Command.run("mount", ["-t", "tmpfs", "-o", "size=\(bytes)", "tmpfs", folder.path])
  }

  func grow(bytes: Int64) throws { try Command.run("mount", ["-o", "remount,size=\(bytes)", path.display]) }

  deinit { _ = try? Command.run("umount", ["-l", path.display]) }
}
