package import Vocabulary

/// Finds the clip that a name in a CSV means: the file with exactly this path below its folder, else the only file whose
/// path ends with `/` and the name. Where bytes find nothing, text does: macOS writes `ï` as two characters, a table as one.
package struct NameIndex: Sendable {
  private typealias File = (path: BytePath, clip: ClipID)

  /// By their last parts, then by their paths: half a million files in one array.
  private let files: [File]
  /// Paths beyond ASCII by their last part. Swift's strings are equal when they are canonically equivalent (Unicode 3.7).
  private var byText: [String: [File]] = [:]

  /// - Parameter files: paths relative to the folders where clips lie.
  package init(_ files: [(path: BytePath, clip: ClipID)]) {
    let keyed = files.map { (last: $0.path.lastComponent, file: $0) }
    self.files = keyed.sorted { ($0.last, $0.file.path) < ($1.last, $1.file.path) }.map(\.file)
    for file in files where !Self.isASCII(file.path) {
      if let last = file.path.lastComponent.string { byText[last, default: []].append(file) }
    }
  }

  package func find(_ name: BytePath) -> NameMatch {
    let alike = files(endingIn: name.lastComponent)
    return Self.pick(alike.filter { $0.path == name }) ?? Self.pick(bySuffix(name, alike))
      ?? Self.pick(byCanonicalText(name)) ?? .unknown
  }

  /// The files with this last part.
  private func files(endingIn last: BytePath) -> ArraySlice<File> {
    func first(where isBefore: (BytePath) -> Bool) -> Int {
      var (low, high) = (0, files.count)
      while low < high {
        let middle = (low + high) / 2
        if isBefore(files[middle].path.lastComponent) { low = middle + 1 } else { high = middle }
      }
      return low
    }
    let start = first { $0 < last }
    return files[start...].prefix { $0.path.lastComponent == last }
  }

  private func bySuffix(_ name: BytePath, _ alike: ArraySlice<File>) -> [File] {
    let suffix = [UInt8(ascii: "/")] + name.bytes
    return alike.filter { $0.path.bytes.ends(with: suffix) }
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
