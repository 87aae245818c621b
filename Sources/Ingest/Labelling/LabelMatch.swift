package import Vocabulary

/// A label file's rows brought to the clips on disk.
package struct LabelMatch: Sendable {
  package private(set) var labels: [ClipID: Labels] = [:]
  /// The rows that were used, in the order of the file.
  package private(set) var used: [(clip: ClipID, row: LabelFile.Row)] = []
  /// Rows without a clip on disk, in the order of the file: they may still arrive.
  package private(set) var unknown: [LabelFile.Row] = []
  /// Rows that cannot be used, in words, with file and line.
  package private(set) var conflicts: [String] = []

  package init(_ file: LabelFile, _ index: NameIndex) {
    var byClip: [ClipID: LabelFile.Row] = [:]
    for row in file.rows {
      let place = "\(file.name):\(row.line): \(row.name)"
      switch index.find(row.name) {
      case .unknown: unknown.append(row)
      case .ambiguous(let paths):
        let example = paths.prefix(2).map(\.display).joined(separator: ", ")
        conflicts.append("\(place): fits \(paths.count) files with different content (\(example)); name it by its path")
      case .clip(let clip):
        if let first = byClip[clip] {
          if first.labels != row.labels {
            conflicts.append(
              "\(place): is the same video as \(first.name), which line \(first.line) labels otherwise; line "
                + "\(first.line) is used")
          }
        } else {
          labels[clip] = row.labels
          byClip[clip] = row
          used.append((clip, row))
        }
      }
    }
  }
}
