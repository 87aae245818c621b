internal import Cataloguing
internal import Journal
internal import Labelling
internal import Vocabulary

extension Conductor {
  /// Forgets failures, so that what waits because of them begins at once.
  ///
  /// - Parameter clips: those to extract once more; nil for all that were set aside, and for the other stages too.
  func retry(_ clips: [ClipID]?) async throws {
    let chosen = if let clips { clips } else { try await extract.setAside(in: catalog) }
    world.extraction.backoff = Backoff()
    if clips == nil {
      world.run?.backoff = Backoff()
      world.scoring.backoff = Backoff()
      world.publishing.backoff = Backoff()
      failures = [:]
    }
    for clip in chosen { failures[clip] = nil }
    try await catalog.forgive(clips)
    try await extract.reconsider(Set(chosen), in: catalog)
    stale = Stale()
    Journal.record(
      .notice,
      "asked to try again: \(clips == nil ? "everything that failed, " : "")\(Words.count(chosen.count, "clip"))",
      event: .asked)
  }

  /// The classes that the labels give a clip; nil without a label that counts.
  func labels(of record: ClipRecord) async throws -> [String]? {
    guard let classes = labels.classes else { return nil }
    // Other clips of the same name decide whether a row of a table means this one.
    var rivals: Set<Landing> = []
    for name in Set(record.files.map(\.path.lastComponent)) {
      rivals.formUnion(try await catalog.landings(called: name).filter { !$0.isProvisional })
    }
    let clips = rivals.sorted { ($0.root, $0.path) < ($1.root, $1.path) }
    guard let found = labels.labels(of: record.listing.clip, among: clips) else { return nil }
    return zip(classes.names, found.present).filter(\.1).map(\.0)
  }
}
