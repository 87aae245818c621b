/// Everything that is wrong with a configuration file, each with its line: one look is enough to mend it.
package struct SettingsProblems: Error, Equatable, CustomStringConvertible {
  /// `/etc/primatrix/primatrix.toml:12: ensemble.folds: expected a whole number from 2 to 20, got "five"`
  package var problems: [String]

  package init(_ problems: [String]) { self.problems = problems }

  package var description: String { problems.joined(separator: "\n") }
}

/// The valid name that a wrong one was most probably meant to be, by edit distance; nil when none is near.
package func nearest(to name: String, in names: [String]) -> String? {
  let limit = max(2, name.count / 3)
  let ranked = names.map { (distance(name, $0), $0) }.filter { $0.0 <= limit }
  return ranked.min { $0 < $1 }?.1
}

/// Levenshtein's distance between two names.
private func distance(_ left: String, _ right: String) -> Int {
  let right = Array(right)
  var row = Array(0...right.count)
  for (i, character) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for j in right.indices {
      let substituted = diagonal + (character == right[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substituted, diagonal + 1, row[j] + 1)
    }
  }
  return row[right.count]
}
