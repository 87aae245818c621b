internal import Foundation
internal import Vocabulary

/// Where the other programs are.
enum Installed {
  /// Beside this program, else on the PATH.
  static func program(_ name: String) throws(CommandFailure) -> BytePath {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let folders =
      [BytePath(own).deletingLastComponent.display]
      + (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
    for folder in folders {
      let path = BytePath(folder).appending(name)
      if FileManager.default.isExecutableFile(atPath: path.display) { return path }
    }
    throw CommandFailure(
      .unavailable, "\(name) is neither beside primatrixctl nor on the PATH; install Primatrix whole")
  }
}
