internal import Foundation
package import Vocabulary

/// What a unit's sandbox lets it write to, as `systemctl show` says it.
package struct Sandbox: Sendable, Equatable {
  private var isStrict = false
  private var folders: [BytePath] = []

  /// - Parameter shown: of `ProtectSystem`, `ReadWritePaths` and `StateDirectory`, a line each; others are passed over.
  package init(_ shown: String) {
    for line in shown.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let words = parts[1].split(separator: " ").map(String.init)
      switch parts[0] {
      case "ProtectSystem": isStrict = parts[1] == "strict"
      // A path may have a sign in front: it may be missing, or be meant below the service's root.
      case "ReadWritePaths": folders += words.map { BytePath(String($0.drop { "-+".contains($0) })) }
      // Each may have a link's name behind a colon.
      case "StateDirectory":
        folders += words.map { BytePath("/var/lib").appending(BytePath(String($0.prefix { $0 != ":" }))) }
      default: continue
      }
    }
  }

  package func mayWrite(_ path: BytePath) -> Bool {
    !isStrict || folders.contains { path == $0 || path.bytes.starts(with: $0.bytes + [0x2F]) || $0 == "/" }
  }
}
