package import Vocabulary

/// Finds the clip that a name in a CSV means: the file with exactly this path below its folder, else the only file whose
/// path ends with `/` and the name. Where bytes find nothing, text does: macOS writes `ï` as two characters, a table as one.
package struct NameIndex: Sendable {
  private typealias File = (path: BytePath, clip: ClipID)

  private var exact: [BytePath: [File]] = [:]
  private var byLast: [BytePath: [File]] = [:]
  /// Paths beyond ASCII by their last part. Swift's strings are equal when they are canonically equivalent (Unicode 3.7).
  private var byText: [String: [File]] = [:]

  /// - Parameter files: paths relative to the folders where clips lie.
  package init(_ files: [(path: BytePath, clip: ClipID)]) {
    for file in files {
      exact[file.path, default: []].append(file)
      byLast[file.path.lastComponent, default: []].append(file)
      if !Self.isASCII(file.path), let last = file.path.lastComponent.string {
        byText[last, default: []].append(file)
      }
    }
  }

  package func find(_ name: BytePath) -> NameMatch {
    Self.pick(exact[name] ?? []) ?? Self.pick(bySuffix(name)) ?? Self.pick(byCanonicalText(name)) ?? .unknown
  }

  private func bySuffix(_ name: BytePath) -> [File] {
    let suffix = [UInt8(ascii: "/")] + name.bytes
    return (byLast[name.lastComponent] ?? []).filter { $0.path.bytes.ends(with: suffix) }
  }

  private func byCanonicalText(_ name: BytePath) -> [File] {
    if Self.isASCII(name) { return [] }
    guard let text = name.string, let last = name.lastComponent.string else { return [] }
    return (byText[last] ?? []).filter { file in
      file.path.string.map { $0 == text || $0.hasSuffix("/\(text)") } ?? false
    }
  }

  /// Nil where there is no file at all.
  private static func pick(_ files: [File]) -> NameMatch? {
    guard let first = files.first else { return nil }
    return files.allSatisfy { $0.clip == first.clip } ? .clip(first.clip) : .ambiguous(files.map(\.path).sorted())
  }

  private static func isASCII(_ path: BytePath) -> Bool { path.bytes.allSatisfy { $0 < 0x80 } }
}

package enum NameMatch: Sendable, Equatable {
  case clip(ClipID)
  case unknown
  /// Different clips have this name; guessing would put one's labels on another.
  case ambiguous([BytePath])
}

extension [UInt8] {
  fileprivate func ends(with suffix: [UInt8]) -> Bool {
    count >= suffix.count && self[(count - suffix.count)...].elementsEqual(suffix)
  }
}
