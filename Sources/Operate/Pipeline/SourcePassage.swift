internal import Acquisition
internal import Cataloguing
internal import Durability
internal import Executors
internal import Foundation
internal import Journal
internal import Settings
internal import Vocabulary
internal import WorkUnits

/// One passage of a source: the fetcher runs, and what it brings is unpacked as it comes.
struct SourcePassage {
  let flow: SourceFlow
  var progress: SourceProgress
  let meeting = FetchFlow()
  var status = FetchStatus()
  var deliveries: [Delivery] = []
  var unpacking: Unpacking?
  var budget: DiskBudget
  /// Archives whose published batches are all in the catalog.
  var recovered: Set<Digest> = []
  /// Archives that turned out not to be readable while they grow, whatever their name says.
  var unstreamable: Set<Digest> = []
  /// Clips that are no archive's members and have landed, as indices into the files.
  var landed: Set<Int> = []
  private var pausedSince: ContinuousClock.Instant?
  private var isIdle = false

  /// What the passage hears of.
  enum Step: Sendable {
    case status(FetchStatus)
    case batch(Int, output: BytePath)
    case unpacked(Outcome)
    case fetched
    case failed(any Error)
  }

  /// The bytes so far were of another version of the file.
  struct BegunAnew: Error {}

  /// The archive that a worker is at.
  struct Unpacking {
    var delivery: Int
    var origin: Digest
    var parts: [BytePath]
    var dialogue: WorkDialogue
    /// Batches published, those of earlier attempts included, and those that the worker was told of: a full disk holds
    /// them back.
    var published: Int
    var acknowledged: Int
  }

  init(flow: SourceFlow, progress: SourceProgress) throws {
    self.flow = flow
    self.progress = progress
    guard let space = DiskSpace.of(flow.state.root) else {
      throw WorkError(.environment, "\(flow.state.root): its file system does not say how much is free")
    }
    budget = DiskBudget(
      reserve: flow.reserve, space: space, isPassingThrough: progress.archives.contains { $0.discarded > 0 })
  }

  var id: String { flow.source.id }

  /// Returns when the source is complete and the fetcher has nothing left to do.
  mutating func run() async throws {
    let (steps, sink) = AsyncStream.makeStream(of: Step.self)
    let wasComplete = progress.isComplete
    flow.board.began(id, of: .download)
    defer { flow.board.ended(id, of: .download) }
    try await withThrowingDiscardingTaskGroup { group in
      group.addTask { [flow, meeting] in
        defer { meeting.finish() }
        do {
          _ = try await flow.source.fetcher.fetch(into: flow.state.fetched(flow.source.id), flow: meeting)
          sink.yield(.fetched)
        } catch {
          // Not thrown here: the group would only cancel its other children, and the loop below would wait for ever.
          sink.yield(.failed(error))
        }
      }
      group.addTask { [meeting] in
        for await status in meeting.statuses { sink.yield(.status(status)) }
      }
      var isFetched = false
      for await step in steps {
        if case .failed(let error) = step { throw error }
        if case .fetched = step { isFetched = true }
        try await take(step, from: sink, in: &group)
        if progress.isComplete && (isFetched || !flow.source.seeds) { break }
      }
      group.cancelAll()
    }
    try Task.checkCancellation()
    if !wasComplete { try await finish() }
    flow.board.source(id) { $0.state = .complete }
  }

  typealias Group = ThrowingDiscardingTaskGroup<any Error>

  private mutating func take(
    _ step: Step, from sink: AsyncStream<Step>.Continuation, in group: inout Group
  ) async throws {
    switch step {
    case .status(let new): try await look(new)
    case .batch(let number, let output): try await land(batch: number, from: output)
    case .unpacked(let outcome): try await unpacked(outcome)
    case .fetched, .failed: break
    }
    guard !progress.isComplete else { return }
    if status.completed != nil && progress.archives.isEmpty && deliveries.isEmpty {
      throw WorkError(.input, "source \(id) has no clips and no archives among its \(status.files.count) files")
    }
    try await landClips()
    try startNext(sink, in: &group)
    if status.completed != nil, unpacking == nil, deliveries.indices.allSatisfy(isDone) { try await complete() }
  }

  private mutating func look(_ new: FetchStatus) async throws {
    let old = status
    status = new
    if new.files.map(\.name) != old.files.map(\.name) {
      if unpacking != nil { throw BegunAnew() }
      deliveries = Delivery.sorted(new.files.map(\.name))
      landed = []
    } else if zip(new.files, old.files).contains(where: { $0.identity == $1.identity && $0.prefix < $1.prefix }) {
      try await void(old, new)
    }
    if let unpacking, origin(unpacking.delivery) != unpacking.origin { throw BegunAnew() }
    try await recover()
    try await voidIfDiscarded()
    guard let space = DiskSpace.of(flow.state.root) else { return }
    meeting.demand = demand(space)
    tellPause(space)
    instruct()
    show()
  }

  /// Bytes that were told to be good were not after all: what came out of them is made again.
  private mutating func void(_ old: FetchStatus, _ new: FetchStatus) async throws {
    for delivery in deliveries.indices {
      let isVoid = files(of: delivery).contains { new.files[$0].prefix < old.files[$0].prefix }
      guard isVoid, let origin = origin(delivery), archive(delivery) != nil else { continue }
      progress.archives.removeAll { $0.origin == origin }
      try Durability.removeTree(flow.state.reports(id, origin: origin))
    }
    try await flow.catalog.save(source: id, progress)
    throw BegunAnew()
  }

  // MARK: deliveries

  /// Names this version of an archive or clip; nil while it is not known.
  func origin(_ delivery: Int) -> Digest? {
    switch deliveries[delivery] {
    case .clip(let index): return status.files[index].identity
    case .archive(let parts, _):
      let identities = parts.map { status.files[$0].identity }
      if identities.count == 1 { return identities[0] }
      return (try? StageKey(stage: "volumes", version: 1, inputs: identities))?.digest
    }
  }

  func archive(_ delivery: Int) -> SourceProgress.Archive? {
    origin(delivery).flatMap { origin in progress.archives.first { $0.origin == origin } }
  }

  func isDone(_ delivery: Int) -> Bool {
    switch deliveries[delivery] {
    case .clip(let index): landed.contains(index)
    case .archive: archive(delivery)?.isUnpacked == true
    }
  }

  private var mayDiscard: Bool { !flow.source.settings.retention.keepsArchive && flow.source.isFetched }

  func isWhole(_ index: Int) -> Bool {
    let file = status.files[index]
    return file.total == file.prefix || status.completed != nil
  }

  /// Nothing is learned from a clip before this is false.
  func isProvisional(_ delivery: Int) -> Bool {
    guard status.completed == nil else { return false }
    switch deliveries[delivery] {
    case .clip(let index): return !status.files[index].isVerified
    case .archive(let parts, let isStreamable):
      return !isStreamable || !parts.allSatisfy { status.files[$0].isVerified }
    }
  }

  /// For want of room, or because people want it so.
  var isPaused: Bool { budget.isPaused || flow.pause.isOn }

  // MARK: the disk

  private mutating func demand(_ space: DiskSpace) -> FetchDemand {
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

  func files(of delivery: Int) -> [Int] {
    switch deliveries[delivery] {
    case .clip(let index): [index]
    case .archive(let parts, _): parts
    }
  }

  /// A source that has waited this long for room holds up nothing any more.
  private static let patience = Duration.seconds(600)

  private mutating func tellPause(_ space: DiskSpace) {
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

  // MARK: status

  private func show() {
    let state: SourceBoard.State =
      if isPaused { .paused } else if progress.isComplete { .seeding } else if status.completed != nil {
        .unpacking
      } else { .downloading }
    flow.board.source(id) { [status] in
      $0.take(status)
      $0.state = state
      $0.problem = nil
    }
    flow.board.solved("source \(id)")
  }
}
