package import Vocabulary
internal import Watching

/// What a source's files are, by their names alone: what is in them shows when they are read.
package enum Delivery: Sendable, Equatable {
  /// An archive, or the volumes of one, as indices into the files, in the order in which they are read.
  case archive(parts: [Int], isStreamable: Bool)
  case clip(Int)

  /// In the order of the files; a set of volumes stands where its first one does. What is neither archive nor clip (a
  /// README, a checksum list) is passed over, except where it is all that there is: an address need not end in a name.
  package static func sorted(_ names: [BytePath]) -> [Delivery] {
    var deliveries: [Delivery] = []
    var volumes: [String: [(number: Int, index: Int)]] = [:]
    var places: [String: Int] = [:]
    for (index, name) in names.enumerated() {
      if let volume = Volume(name.display.lowercased()) {
        volumes[volume.set, default: []].append((volume.number, index))
        if places[volume.set] == nil {
          places[volume.set] = deliveries.count
          deliveries.append(.archive(parts: [], isStreamable: false))
        }
      } else if let isStreamable = archive(name.display.lowercased()) {
        deliveries.append(.archive(parts: [index], isStreamable: isStreamable))
      } else if ClipSuffix.isClip(name) {
        deliveries.append(.clip(index))
      }
    }
    for (set, place) in places {
      let parts = (volumes[set] ?? []).sorted { ($0.number, $0.index) < ($1.number, $1.index) }.map(\.index)
      deliveries[place] = .archive(parts: parts, isStreamable: parts.count == 1 && archive(set) == true)
    }
    if deliveries.isEmpty, names.count == 1 { return [.archive(parts: [0], isStreamable: false)] }
    return deliveries
  }

  /// Whether a name is that of an archive, and whether it can be read while it grows: tar can, zip and 7z have their
  /// table of contents at the end.
  private static func archive(_ name: String) -> Bool? {
    let tars = [
      ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tbz", ".tar.xz", ".txz", ".tar.zst", ".tzst",
    ]
    if tars.contains(where: name.hasSuffix) { return true }
    return [".zip", ".7z", ".rar"].contains(where: name.hasSuffix) ? false : nil
  }

  /// One of several files that are one archive.
  private struct Volume {
    /// What the names of the set have in common.
    var set: String
    var number: Int

    /// `x.001`, `x.part01`, `x.part1.rar`, `x.z01` and `x.zip`, `x.r00` and `x.rar`. The lone `x.zip` and `x.rar` are sets
    /// of one.
    init?(_ name: String) {
      let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      guard parts.count > 1, let last = parts.last else { return nil }
      let stem = parts.dropLast().joined(separator: ".")
      if last == "rar", parts.count > 2, let number = Self.number(parts[parts.count - 2], after: "part") {
        self.init(set: parts.dropLast(2).joined(separator: ".") + ".part.rar", number: number)
      } else if let number = Self.number(last, after: "part") {
        self.init(set: stem, number: number)
      } else if last.count == 3, let number = Self.number(last, after: "") {
        self.init(set: stem, number: number)
      } else if last == "zip" || last == "rar" {
        // The one without a number is a zip set's last file and a RAR set's first.
        self.init(set: "\(stem).\(last)", number: last == "zip" ? .max : -1)
      } else if last.count > 2, let number = Self.number(last, after: "z") {
        self.init(set: "\(stem).zip", number: number)
      } else if last.count > 2, let number = Self.number(last, after: "r") {
        self.init(set: "\(stem).rar", number: number)
      } else {
        return nil
      }
    }

    private init(set: String, number: Int) {
      self.set = set
      self.number = number
    }

    private static func number(_ text: String, after prefix: String) -> Int? {
      guard text.hasPrefix(prefix) else { return nil }
      let digits = text.dropFirst(prefix.count)
      return (1...6).contains(digits.count) && digits.allSatisfy { $0.isASCII && $0.isNumber } ? Int(digits) : nil
    }
  }
}
