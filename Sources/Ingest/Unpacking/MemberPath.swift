package import Vocabulary
package import WorkUnits

/// Where a member may go: below the root, by plain names. Everything else is refused with a reason, nothing is repaired.
package enum MemberPath {
  package enum Verdict: Equatable, Sendable {
    case accepted(BytePath)
    case refused(String)
  }

  /// - Parameters:
  ///   - name: as in the archive.
  ///   - isZip: zip files made by some Windows programs separate by backslashes.
  package static func judge(_ name: [UInt8], isZip: Bool, limits: UnpackLimits) -> Verdict {
    let slash = UInt8(ascii: "/")
    let backslash = UInt8(ascii: "\\")
    if name.isEmpty { return .refused("it has no name") }
    if name.count > limits.pathBytes {
      return .refused("its name has \(name.count) bytes, more than \(limits.pathBytes)")
    }
    if name.contains(0) { return .refused("its name holds a NUL byte") }
    let plain = isZip ? name.map { $0 == backslash ? slash : $0 } : name
    if plain[0] == slash { return .refused("its name begins at the root") }
    if isZip, plain.count > 1, plain[1] == UInt8(ascii: ":") { return .refused("its name begins with a drive") }
    var components: [[UInt8]] = []
    for part in plain.split(separator: slash) where part != [UInt8(ascii: ".")] {
      let part = Array(part)
      // Also between backslashes: a tar name may lawfully hold one, but not this.
      if part.split(separator: backslash).contains(where: { Array($0) == Array("..".utf8) }) {
        return .refused("its name leads out of the archive by \"..\"")
      }
      if part.count > 255 { return .refused("a part of its name has \(part.count) bytes, more than 255") }
      components.append(part)
    }
    if components.isEmpty { return .refused("it has no name") }
    if components.count > limits.pathDepth {
      return .refused("its name has \(components.count) parts, more than \(limits.pathDepth)")
    }
    if let reason = litter(components) { return .refused(reason) }
    return .accepted(BytePath(bytes: Array(components.joined(separator: [slash]))))
  }

  /// What desktops leave in archives beside the files that people put there.
  private static func litter(_ components: [[UInt8]]) -> String? {
    let names = components.map { String(decoding: $0, as: UTF8.self) }
    if names.contains("__MACOSX") || names.last?.hasPrefix("._") == true || names.last == ".DS_Store" {
      return "it is macOS's own and no content"
    }
    return names.last == "Thumbs.db" || names.last == "desktop.ini" ? "it is Windows's own and no content" : nil
  }
}
