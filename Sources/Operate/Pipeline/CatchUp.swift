package import Vocabulary

/// Whether a run has scored all clips that were ready at some moment since it was finished. What it has not scored after that is
/// new, and not most of a submission.
package struct CatchUp: Sendable {
  package private(set) var isDone = false
  /// What is still to come of those that were ready at that moment; nil while no such moment was seen.
  private var awaited: Set<ClipID>?

  package init() {}

  /// - Parameter isAll: nothing that is ready is left outside of the units under way.
  package mutating func look(underWay: Set<ClipID>, isAll: Bool) {
    guard isAll, !isDone, awaited == nil else { return }
    awaited = underWay
    isDone = underWay.isEmpty
  }

  /// - Parameter areScored: false when the unit failed, or was an older run's: they are ready again.
  package mutating func ended(_ clips: [ClipID], areScored: Bool) {
    if !areScored && !isDone { awaited = nil }
    awaited?.subtract(clips)
    if awaited?.isEmpty == true { isDone = true }
  }
}
