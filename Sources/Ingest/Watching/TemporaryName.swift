package import Vocabulary

/// Names that programs give to what they have not finished: such a file is looked at when it gets its final name.
package enum TemporaryName {
  private enum Pattern: Sendable {
    case prefix(String)
    case suffix(String)
    /// Between the name and its extension: `clip.tmp.mp4`.
    case infix(String)
  }

  /// The pattern and whose it is. Lower case; names are compared without case.
  private static let patterns: [(Pattern, String)] = [
    (.prefix("."), "rsync's .clip.mp4.Xa91zQ, lftp's .in.clip.mp4, Syncthing, Nautilus, macOS and all who hide"),
    (.prefix("~$"), "the owner files of Windows' office programs"),
    (.prefix("~syncthing~"), "Syncthing on Windows"),
    (.suffix(".part"), "Firefox, KDE, yt-dlp, Transmission"),
    (.suffix(".partial"), "rclone, Internet Explorer"),
    (.suffix(".crdownload"), "Chromium and its relatives"),
    (.suffix(".download"), "Safari"),
    (.suffix(".opdownload"), "Opera"),
    (.suffix(".filepart"), "WinSCP"),
    (.suffix(".tmp"), "copy tools of every kind"),
    (.suffix(".temp"), "the same"),
    (.suffix("~"), "back-up copies of editors, and cp --backup"),
    (.suffix(".!qb"), "qBittorrent"),
    (.suffix(".!ut"), "uTorrent"),
    (.suffix(".bc!"), "BitComet"),
    (.suffix(".!sync"), "Resilio Sync"),
    (.suffix(".aria2"), "aria2's notes on a download"),
    (.suffix(".st"), "axel's notes on a download"),
    (.suffix(".lftp-pget-status"), "lftp's notes on a download"),
    (.infix(".part"), "tools that must keep the extension"),
    (.infix(".tmp"), "the same"),
    (.infix(".temp"), "yt-dlp and FFmpeg scripts"),
  ]

  /// Whose temporary name this is; nil for a final one.
  package static func owner(_ path: BytePath) -> String? {
    let name = path.lastComponent.bytes.map { (65...90).contains($0) ? $0 + 32 : $0 }
    let stem = name.lastIndex(of: UInt8(ascii: ".")).map { name[..<$0] } ?? name[...]
    return patterns.first { pattern, _ in
      switch pattern {
      case .prefix(let text): name.starts(with: text.utf8)
      case .suffix(let text): name[...].ends(with: text)
      case .infix(let text): stem.ends(with: text)
      }
    }?.1
  }

  /// Files that lie beside a clip of that name while a program still fills it under its final name.
  static let notes = [".aria2", ".st", ".lftp-pget-status"]
  /// Files that hold what will replace an empty one: browsers reserve the final name so.
  static let halves = [".part", ".crdownload", ".partial", ".filepart", ".!qB"]

  /// The final name that such a companion belongs to, or nil.
  static func companionOwner(_ name: BytePath) -> BytePath? {
    for ending in notes + halves where name.bytes[...].ends(with: ending) && name.bytes.count > ending.utf8.count {
      return BytePath(bytes: name.bytes.dropLast(ending.utf8.count))
    }
    return nil
  }
}

extension BytePath {
  fileprivate init(bytes: ArraySlice<UInt8>) { self.init(bytes: Array(bytes)) }
}

extension ArraySlice<UInt8> {
  fileprivate func ends(with text: String) -> Bool {
    count >= text.utf8.count && suffix(text.utf8.count).elementsEqual(text.utf8)
  }
}
