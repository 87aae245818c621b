internal import Acquisition
internal import Cataloguing
internal import Foundation
internal import Journal
internal import Settings
internal import Vocabulary

/// How much of a source may come, and what is said when there is no room.
extension SourcePassage {
  private var mayDiscard: Bool { !flow.source.settings.retention.keepsArchive && flow.source.isFetched }

  mutating func demand(_ space: DiskSpace) -> FetchDemand {
    var demand = budget.look(space, position)
    demand.isPaused = isPaused
    demand.isInOrder = deliveries.contains { if case .archive(_, isStreamable: true) = $0 { true } else { false } }
    return demand
  }

  private var position: DiskBudget.Position {
    var position = DiskBudget.Position(
      total: status.total, fetched: status.bytes, consumed: 0, mayDiscard: mayDiscard)
    // Nothing of it matters where everything is kept, and there may be half a million files.
    guard mayDiscard else { return position }
    let done = Set(deliveries.indices.filter(isDone).flatMap { files(of: $0) })
    let wanted = Set(deliveries.indices.flatMap { files(of: $0) })
    for index in status.files.indices {
      let size = status.files[index].total ?? status.files[index].prefix
      if done.contains(index) || !wanted.contains(index) {
        position.consumed += size
        continue
      }
      // The first file that is not done: how far is it, and how far must it come?
      let delivery = deliveries.indices.first { files(of: $0).contains(index) }
      if let delivery, let archive = archive(delivery) { position.consumed += archive.discarded }
      if let delivery, case .archive(let parts, isStreamable: false) = deliveries[delivery], let last = parts.max() {
        position.needed = status.files[...last].reduce(0) { $0 + ($1.total ?? 0) }
      } else if let delivery, case .clip = deliveries[delivery] {
        position.needed = position.consumed + size
      }
      break
    }
    return position
  }

  /// A source that has waited this long for room holds up nothing any more.
  private static let patience = Duration.seconds(600)

  mutating func tellPause(_ space: DiskSpace) {
    let subject = "disk for \(id)"
    if !budget.isPaused {
      guard pausedSince != nil else { return }
      pausedSince = nil
      if isIdle { flow.events.yield(.source(id, isActive: true)) }
      isIdle = false
      flow.board.solved(subject)
      Journal.record(
        .notice, "source \(id) goes on: there is room again", event: .spaceFree, fields: [.source: id])
      return
    }
    if let since = pausedSince {
      if !isIdle && ContinuousClock.now - since > Self.patience {
        isIdle = true
        flow.events.yield(.source(id, isActive: false))
      }
      return
    }
    pausedSince = .now
    let message =
      "paused: \(Words.bytes(space.free)) are free on the disk of \(flow.state.root), and "
      + "\(Words.bytes(budget.reserve)) stay free (storage.reserve)"
    let next =
      flow.source.settings.retention.keepsClips
      ? "make room, it goes on by itself; retention = \"delete-clips\" lets a data set pass through a small disk"
      : "it goes on by itself as clips are extracted and removed, or when there is room"
    flow.board.problem(subject, message, next: next)
    Journal.record(.warning, "source \(id) is \(message)", event: .spaceLow, fields: [.source: id])
  }
}
