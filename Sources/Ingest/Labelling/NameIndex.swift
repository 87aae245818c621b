package import Vocabulary

/// Finds the clip that a name in a CSV means: the file with exactly this path below its folder, else the only file whose
/// path ends with `/` and the name.
package struct NameIndex: Sendable {
  private var exact: [BytePath: Match] = [:]
  private var byLast: [BytePath: [(path: BytePath, clip: ClipID)]] = [:]

  private enum Match {
    case one(ClipID)
    case several([BytePath])
  }

  /// - Parameter files: paths relative to the folders where clips lie.
  package init(_ files: [(path: BytePath, clip: ClipID)]) {
    for file in files {
      switch exact[file.path] {
      case nil: exact[file.path] = .one(file.clip)
      case .one(file.clip)?: break
      case .one?: exact[file.path] = .several([file.path, file.path])
      case .several(let paths)?: exact[file.path] = .several(paths + [file.path])
      }
      byLast[file.path.lastComponent, default: []].append(file)
    }
  }

  package func find(_ name: BytePath) -> NameMatch {
    switch exact[name] {
    case .one(let clip)?: return .clip(clip)
    case .several(let paths)?: return .ambiguous(paths)
    case nil: break
    }
    let suffix = [UInt8(ascii: "/")] + name.bytes
    let ends = (byLast[name.lastComponent] ?? []).filter { $0.path.bytes.ends(with: suffix) }
    let clips = Set(ends.map(\.clip))
    if clips.isEmpty { return .unknown }
    return clips.count == 1 ? .clip(ends[0].clip) : .ambiguous(ends.map(\.path).sorted())
  }
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
