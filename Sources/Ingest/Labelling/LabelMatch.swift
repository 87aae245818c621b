package import Vocabulary

/// A label file's rows brought to the clips on disk.
package struct LabelMatch: Sendable {
  package private(set) var labels: [ClipID: Labels] = [:]
  /// Names without a clip on disk, in the order of the file: they may still arrive.
  package private(set) var unknown: [BytePath] = []
  /// Rows that cannot be used, in words.
  package private(set) var conflicts: [String] = []

  package init(_ file: LabelFile, _ index: NameIndex) {
    var names: [ClipID: BytePath] = [:]
    for row in file.rows {
      switch index.find(row.name) {
      case .unknown: unknown.append(row.name)
      case .ambiguous(let paths):
        conflicts.append("\(row.name) (line \(row.line)) fits \(paths.count) different clips; name it by its path")
      case .clip(let clip):
        if let known = labels[clip], let name = names[clip] {
          if known != row.labels {
            conflicts.append(
              "\(row.name) (line \(row.line)) is the same video as \(name), which is labelled otherwise and used")
          }
        } else {
          labels[clip] = row.labels
          names[clip] = row.name
        }
      }
    }
  }
}
