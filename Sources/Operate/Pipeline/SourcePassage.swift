internal import Acquisition
internal import Cataloguing
internal import Durability
internal import Executors
internal import Foundation
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
  /// Since when it has waited for room, and whether it still holds up others.
  var pausedSince: ContinuousClock.Instant?
  var isIdle = false

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

  func files(of delivery: Int) -> [Int] {
    switch deliveries[delivery] {
    case .clip(let index): [index]
    case .archive(let parts, _): parts
    }
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
