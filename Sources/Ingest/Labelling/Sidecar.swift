package import Vocabulary

/// Where a label file beside clips lies. Their order is the one in which they count.
package struct SidecarPlace: Sendable, Hashable, Comparable {
  /// The watched folder.
  package var root: BytePath
  /// Relative to `root`.
  package var path: BytePath

  package init(root: BytePath, path: BytePath) {
    self.root = root
    self.path = path
  }

  package static func < (left: SidecarPlace, right: SidecarPlace) -> Bool {
    (left.root, left.path) < (right.root, right.path)
  }
}

/// What a CSV beside clips was found to be.
package enum SidecarReading: Sendable {
  case labels(LabelFile)
  /// Somebody's notes, or another program's: why they are no labels.
  case other(String)
  /// Meant as labels, and not usable.
  case wrong(String)

  /// Bytes and rows of the largest file that is read: strangers put files into watched folders.
  package static let byteLimit = 64 << 20
  package static let rowLimit = 5_000_000

  /// - Parameter name: for messages.
  package init(bytes: [UInt8], name: String, rowLimit: Int = Self.rowLimit) {
    do throws(TableError) {
      let file = try LabelFile(bytes: bytes, name: name, rowLimit: rowLimit)
      if file.rows.isEmpty, let first = file.problems.first {
        self = .other("\(name):\(first.line): \(first.message); no row is better")
      } else if file.rows.count > 1, !file.rows.contains(where: { $0.labels.present.contains(true) }) {
        // A submission format looks like this; learning from it would unlearn everything.
        self = .other("\(name): finds no class in any clip")
      } else {
        self = .labels(file)
      }
    } catch {
      self = error.isForeign ? .other(error.description) : .wrong(error.description)
    }
  }
}
