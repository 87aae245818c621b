package import Cataloguing
internal import Durability
package import Folding
internal import Foundation
internal import Journal
package import Settings
package import Vocabulary
internal import WorkUnits

/// What folds are drawn for.
package enum FoldPurpose: String, Sendable {
  case members = "folds"
  case stack = "stack-folds"
}

/// Draws the folds of a run. A clip that ever had a fold keeps it, also while it has no label: `runs/folds-5.csv` says
/// which, of five. Until the first draw the order in which clips arrive does not matter, and a draw that was not followed
/// by its run is the same again.
package struct FoldDrawing {
  let state: StateDirectory
  let classes: ClassList
  let groups: [ClipID: String]
  let seed: UInt64

  package init(state: StateDirectory, classes: ClassList, groups: [ClipID: String], seed: UInt64) {
    self.state = state
    self.classes = classes
    self.groups = groups
    self.seed = seed
  }

  /// - Parameter clips: in any order.
  package func draw(
    _ clips: [(clip: ClipID, labels: Labels)], _ purpose: FoldPurpose, count: Int
  ) throws -> FoldAssignment.Result {
    let path = state.folds(purpose, count: count)
    let earlier = Self.read(path, count: count)
    let result = FoldAssignment.assign(
      clips.map { FoldClip(clip: $0.clip, labels: $0.labels, group: groups[$0.clip]) }, classes: classes,
      folds: count, seed: seed, earlier: EarlierFolds(count: count, folds: earlier))
    let all = earlier.merging(result.folds) { $1 }
    if all != earlier { try Durability.publish(Self.table(all), at: path) }
    return result
  }

  private static let header = "clip,fold"

  private static func table(_ folds: [ClipID: Int]) -> [UInt8] {
    let rows = folds.sorted { $0.key < $1.key }.map { "\($0.key),\($0.value)" }
    return Array(([header] + rows).joined(separator: "\n").utf8) + [UInt8(ascii: "\n")]
  }

  /// What was drawn before; lines that are no clip and fold are passed over, and their clips drawn again.
  private static func read(_ path: BytePath, count: Int) -> [ClipID: Int] {
    guard let data = FileManager.default.contents(atPath: path.display) else { return [:] }
    var folds: [ClipID: Int] = [:]
    var bad = 0
    for line in String(decoding: data, as: UTF8.self).split(separator: "\n").dropFirst() {
      let parts = line.split(separator: ",")
      if parts.count == 2, let digest = Digest(hex: String(parts[0])), let fold = Int(parts[1]),
        (0..<count).contains(fold)
      {
        folds[ClipID(digest)] = fold
      } else {
        bad += 1
      }
    }
    if bad > 0 {
      Journal.record(
        .warning, "\(path): \(Words.count(bad, "line")) are no clip with its fold; those clips get another one",
        event: .foldsDamaged)
    }
    return folds
  }
}

extension EnsembleSettings.Groups {
  /// The group of each clip that has one.
  ///
  /// - Parameter captured: seconds since 1970 of the recording, where the container tells.
  package func groups(_ landings: [Landing], captured: [ClipID: Int64]) -> [ClipID: String] {
    switch self {
    case .none: return [:]
    case .folder:
      var groups: [ClipID: String] = [:]
      // A clip that lies in several folders goes with the first.
      for landing in landings.sorted(by: { ($0.root, $0.path) < ($1.root, $1.path) }) where groups[landing.clip] == nil
      {
        groups[landing.clip] = Self.folder(landing).display
      }
      return groups
    case .time(let gap):
      return TimeRuns.groups(
        landings.map {
          TimeRuns.Sighting(
            clip: $0.clip, folder: Self.folder($0), modified: $0.modified, captured: captured[$0.clip])
        }, gap: gap)
    }
  }

  private static func folder(_ landing: Landing) -> BytePath {
    landing.root.appending(landing.path).deletingLastComponent
  }
}
