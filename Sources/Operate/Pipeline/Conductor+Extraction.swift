internal import Cataloguing
internal import Foundation
internal import Journal
internal import Vocabulary
internal import WorkUnits

extension Conductor {
  /// A clip that ended its worker this often, alone, is set aside.
  private static let attempts = 3

  func startExtract(clips wanted: Int, in group: inout Group) async throws {
    let known = try await catalog.pending(
      limit: wanted + inFlight.count, wanted: extract.wanted, now: Int64(world.now))
    let free = known.filter { !inFlight.contains($0.file.clip) }
    guard let missing = free.first?.missing else { return }
    // A file may have gone since it landed; that says nothing of the clip.
    var files: [ClipFile] = []
    for file in free.filter({ $0.missing == missing }).map(\.file).prefix(wanted) {
      if Self.isGone(file.path) { try await forget(file) } else { files.append(file) }
    }
    guard !files.isEmpty else { return }
    let (unit, ledger) = try extract.unit(files, missing: missing)
    // Published clips do not wait: a ledger of this name has lost its shards, and would count as the unit's end.
    try extract.withdraw(ledger: ledger)
    inFlight.formUnion(files.map(\.clip))
    world.extraction.pending -= files.count
    world.extraction.inFlight = inFlight.count
    start(unit, stage: .extract, in: &group) { [files, clock = ContinuousClock(), began = ContinuousClock.now] in
      .extracted(files, ledger: ledger, took: clock.now - began, $0)
    }
  }

  func extracted(_ files: [ClipFile], ledger: String, took: Duration, _ outcome: Outcome) async throws {
    world.busy -= 1
    inFlight.subtract(files.map(\.clip))
    stale = Stale()
    var outcome = outcome
    switch outcome {
    case .published:
      let skips = try await extract.absorb(ledger: ledger, into: catalog)
      if let trouble = try await judge(skips, of: files) {
        outcome = .failed(trouble)
        // A file alone rests by itself, each time longer; the stage need not do so, too.
        if files.count == 1 { world.extraction.backoff = Backoff() }
        break
      }
      for file in files { failures[file.clip] = nil }
      world.extraction.secondsPerClip = took / .seconds(1) / Double(files.count)
      _ = try await retainer.sweep()
      world.publishing.isStale = true
    case .failed(let error):
      if error.kind == .failure, files.count == 1 { try await blame(files[0], error) }
    case .stopped: break
    }
    world.extraction.backoff = settled(world.extraction.backoff, stage: .extract, outcome)
  }

  /// - Returns: why the unit counts as failed, when not one of its files could be read.
  private func judge(_ skips: [ExtractLedger.Skip], of files: [ClipFile]) async throws -> WorkError? {
    if skips.isEmpty { return nil }
    let reading = try await extract.judge(skips, of: files, in: catalog, now: Int64(world.now))
    for (file, reason, isLast) in reading.unread {
      let next = isLast ? "it waits for primatrixctl retry" : "it will be tried again"
      Journal.record(
        isLast ? .error : .warning, "\(file.path) could not be read, \(next): \(reason)",
        event: isLast ? .clipSetAside : nil,
        fields: [.stage: Stage.extract.rawValue, .clip: file.clip.description])
    }
    return reading.trouble
  }

  /// Whether nothing is there. What may not be looked at is another matter.
  private static func isGone(_ path: BytePath) -> Bool {
    var status = stat()
    let code = path.withCString { lstat($0, &status) == 0 ? 0 : errno }
    return code == ENOENT || code == ENOTDIR
  }

  /// A worker that dies with one clip may have been killed by it, or by anything else: only the third time convinces.
  private func blame(_ file: ClipFile, _ error: WorkError) async throws {
    failures[file.clip, default: 0] += 1
    guard failures[file.clip] == Self.attempts else { return }
    let reason = "its extraction ended abnormally \(Self.attempts) times: \(error.message)"
    try await extract.setAside(file.clip, reason: reason, in: catalog)
    failures[file.clip] = nil
    Journal.record(
      .error, "\(file.path) is set aside: \(reason)", event: .clipSetAside,
      fields: [.stage: Stage.extract.rawValue, .clip: file.clip.description])
  }

  private func forget(_ file: ClipFile) async throws {
    try await catalog.vanish(file)
    stale = Stale()
  }
}
