internal import Foundation
package import Vocabulary

/// Runs of neighbours in time: clips of one folder, each within a few minutes of the next. The same animals walk through
/// them, so a model that has trained on one all but knows the label of the others.
package enum TimeRuns {
  /// A file of a clip. A clip that lies in several places has one for each, and ties their runs together.
  package struct Sighting: Sendable {
    package var clip: ClipID
    /// The folder that the file lies in: a camera's card, as a rule.
    package var folder: BytePath
    /// Nanoseconds since 1970 of the file's last change.
    package var modified: Int64
    /// Seconds since 1970 of the recording, where the container tells.
    package var captured: Int64?

    package init(clip: ClipID, folder: BytePath, modified: Int64, captured: Int64?) {
      self.clip = clip
      self.folder = folder
      self.modified = modified
      self.captured = captured
    }
  }

  /// Two clocks that are never compared: a camera's own, often set to local time, and the disk's.
  private struct Axis: Hashable {
    var folder: BytePath
    var isCaptured: Bool
  }

  /// - Parameters:
  ///   - sightings: in any order; the result depends on their set alone.
  ///   - gap: seconds; clips further apart than this begin a new run.
  /// - Returns: a group's name for each clip that has a neighbour; folder, begin (UTC) and the first clip's digits. A
  ///   clip without one is in no group.
  package static func groups(_ sightings: [Sighting], gap: Double) -> [ClipID: String] {
    let sightings = sightings.sorted { time($0) == time($1) ? $0.clip < $1.clip : time($0) < time($1) }
    var axes: [Axis: [Sighting]] = [:]
    for sighting in sightings {
      axes[Axis(folder: sighting.folder, isCaptured: sighting.captured != nil), default: []].append(sighting)
    }
    var ties = Ties()
    for run in axes.values {
      for (left, right) in zip(run, run.dropFirst()) where time(right) - time(left) <= gap {
        ties.tie(left.clip, right.clip)
      }
    }
    var names: [ClipID: String] = [:]
    var groups: [ClipID: String] = [:]
    // A run is named by its earliest sighting; of several at once, by the first folder.
    for sighting in sightings.sorted(by: { (time($0), $0.folder) < (time($1), $1.folder) }) {
      guard let root = ties.root(sighting.clip) else { continue }
      let name = names[root] ?? name(sighting, root)
      names[root] = name
      groups[sighting.clip] = name
    }
    return groups
  }

  private static func time(_ sighting: Sighting) -> Double {
    sighting.captured.map(Double.init) ?? Double(sighting.modified) / 1e9
  }

  private static func name(_ sighting: Sighting, _ root: ClipID) -> String {
    let begin = Date(timeIntervalSince1970: time(sighting)).formatted(.iso8601)
    return "\(sighting.folder.display) \(begin) \(root.digest.short)"
  }
}

/// Clips that belong together (union-find; Galler and Fischer 1964). A set's root is its least clip.
private struct Ties {
  private var parents: [ClipID: ClipID] = [:]

  /// Nil for a clip that was never tied to another.
  mutating func root(_ clip: ClipID) -> ClipID? {
    guard var root = parents[clip] else { return nil }
    while let parent = parents[root], parent != root { root = parent }
    parents[clip] = root
    return root
  }

  mutating func tie(_ left: ClipID, _ right: ClipID) {
    if left == right { return }
    let (one, other) = (root(left) ?? left, root(right) ?? right)
    let root = min(one, other)
    for clip in [left, right, one, other] { parents[clip] = root }
  }
}
