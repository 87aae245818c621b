package import Vocabulary

/// The label files beside clips, and how they and the configured one become the labels of the clips on disk.
///
/// What comes out depends on the files alone, not on when they arrived: the configured file comes first, then the others in
/// order of folder and path, byte by byte, and the first that names a clip is believed. Modification times have no say:
/// copying changes them.
package struct SidecarLabels: Sendable {
  /// A clip's file.
  package typealias File = (root: BytePath, path: BytePath, clip: ClipID)

  private var files: [SidecarPlace: LabelFile] = [:]

  package init() {}

  package var isEmpty: Bool { files.isEmpty }

  /// A file was read anew, or is gone (nil).
  package mutating func set(_ place: SidecarPlace, _ file: LabelFile?) { files[place] = file }

  /// The classes of the first file, which count where no labels are configured.
  package var classes: ClassList? { inOrder.first?.file.classes }

  private var inOrder: [(place: SidecarPlace, file: LabelFile)] {
    files.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The labels of the clips on disk.
  ///
  /// - Parameters:
  ///   - train: the configured label file.
  ///   - classes: those that count; sidecars with others are left out.
  package func merged(train: LabelFile?, classes: ClassList, clips: [File]) -> MergedLabels {
    var merged = MergedLabels()
    if let train { merged.add(LabelMatch(train, NameIndex(clips.map { ($0.path, $0.clip) })), of: train, order: nil) }
    if files.isEmpty { return merged }
    let shelf = Shelf(clips)
    var indices: [SidecarPlace: NameIndex] = [:]
    for (place, file) in inOrder {
      do throws(TableError) {
        let order = try file.order(of: classes)
        let folder = SidecarPlace(root: place.root, path: place.path.deletingLastComponent)
        let index = indices[folder] ?? NameIndex(shelf.files(below: folder))
        indices[folder] = index
        let match = LabelMatch(file, index)
        merged.add(match, of: file, order: order)
        merged.sidecarClips.formUnion(match.labels.keys)
      } catch {
        merged.conflicts.append(error.description)
      }
    }
    return merged
  }
}

/// What all label files together say.
package struct MergedLabels: Sendable {
  package private(set) var labels: [ClipID: Labels] = [:]
  /// Clips that a file beside them speaks of.
  package fileprivate(set) var sidecarClips: Set<ClipID> = []
  /// Rows without a clip on disk, each with its file's name: they may still arrive.
  package private(set) var unknown: [(file: String, row: LabelFile.Row)] = []
  /// What cannot be used, in words, with file and line.
  package fileprivate(set) var conflicts: [String] = []
  private var owners: [ClipID: String] = [:]

  package init() {}

  /// - Parameter order: for each class, its place among the file's; nil for the same order.
  fileprivate mutating func add(_ match: LabelMatch, of file: LabelFile, order: [Int]?) {
    conflicts += match.conflicts
    unknown += match.unknown.map { (file.name, $0) }
    for (clip, row) in match.used {
      let own = order.map { order in Labels(order.map { row.labels.present[$0] }) } ?? row.labels
      if let earlier = labels[clip] {
        if earlier != own {
          conflicts.append(
            "\(file.name):\(row.line): \(row.name): labelled otherwise by \(owners[clip] ?? "another file"), which is used"
          )
        }
      } else {
        labels[clip] = own
        owners[clip] = "\(file.name):\(row.line)"
      }
    }
  }
}

/// The clips' files in order, so that those below a folder are found without looking at all.
private struct Shelf {
  private var byRoot: [BytePath: [(path: BytePath, clip: ClipID)]] = [:]

  init(_ clips: [SidecarLabels.File]) {
    for clip in clips { byRoot[clip.root, default: []].append((clip.path, clip.clip)) }
    for root in byRoot.keys { byRoot[root]?.sort { $0.path < $1.path } }
  }

  /// The files below a folder, by their paths relative to it.
  func files(below folder: SidecarPlace) -> [(path: BytePath, clip: ClipID)] {
    let all = byRoot[folder.root] ?? []
    if folder.path.bytes.isEmpty { return all }
    let prefix = folder.path.bytes + [UInt8(ascii: "/")]
    var low = 0
    var high = all.count
    while low < high {
      let middle = (low + high) / 2
      if all[middle].path.bytes.lexicographicallyPrecedes(prefix) { low = middle + 1 } else { high = middle }
    }
    return all[low...].prefix { $0.path.bytes.starts(with: prefix) }.map {
      (BytePath(bytes: Array($0.path.bytes.dropFirst(prefix.count))), $0.clip)
    }
  }
}

extension LabelFile {
  /// For each of `classes`, its place among the file's own.
  fileprivate func order(of classes: ClassList) throws(TableError) -> [Int]? {
    if classes == self.classes { return nil }
    let order = classes.names.map { self.classes.names.firstIndex(of: $0) }
    let known = order.compactMap(\.self)
    if known.count == order.count && classes.count == self.classes.count { return known }
    let unknown = self.classes.names.filter { !classes.names.contains($0) }
    let missing = classes.names.filter { !self.classes.names.contains($0) }
    var parts: [String] = []
    if !unknown.isEmpty { parts.append("it has \(unknown.joined(separator: ", "))") }
    if !missing.isEmpty { parts.append("it lacks \(missing.joined(separator: ", "))") }
    throw TableError(
      "\(name): its classes are not those of the labels, so it is not used: \(parts.joined(separator: "; "))")
  }
}
