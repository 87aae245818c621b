internal import Cataloguing
internal import Foundation
internal import Journal
internal import Labelling
internal import Subprocesses
internal import Vocabulary
internal import Watching

/// Brings the clips of one watched folder into the catalog as they settle, forgets those that vanish, and reads the label
/// files that lie beside them.
struct FolderFlow: Sendable {
  let folder: BytePath
  let catalog: Catalog
  let board: StatusBoard
  let events: AsyncStream<Event>.Continuation
  /// Tables that the configuration names: one that lies in the folder is no sidecar as well.
  let named: [BytePath?]

  /// What the watcher has told and what is to be made of it.
  private struct State {
    /// What the catalog knew of the folder at the start, less what was seen since; nil after the first look.
    var unseen: Set<BytePath>?
    /// Files that could not be read although they had settled: tried again after each look.
    var unread: [BytePath: Arrival] = [:]
    var sidecars: Set<BytePath> = []
    /// Files and folders whose problem `status` shows.
    var shown: Set<BytePath> = []
    /// Everything that the catalog knew of was missing at the start.
    var isAway = false
    /// What was said of tables that are no labels, to say it once.
    var remarks: [BytePath: String] = [:]
  }

  func run(_ watcher: some AsyncSequence<WatchEvent, Never> & Sendable) async throws {
    var state = State(unseen: try await catalog.paths(root: folder))
    let known = state.unseen?.count ?? 0
    try await GatheredEvents.of(watcher) { events in
      var changes = FolderChanges()
      for event in events {
        switch event {
        case .settled(let arrival): changes.settled(arrival)
        case .vanished(_, let path): changes.vanished(path)
        case .looked:
          for arrival in state.unread.values { changes.again(arrival) }
          try await absorb(&changes, &state)
        case .scanned(_, let pending):
          try await absorb(&changes, &state)
          try await forgetUnseen(&state, of: known)
          self.events.yield(.unsettled(folder: folder, pending))
          self.events.yield(.scanned(folder: folder))
        case .problem(let path, let reason):
          Journal.record(.warning, "\(Self.subject(path)): \(reason)", event: .folderTrouble)
          // Thousands of empty files are one problem to whoever reads the status; the journal has them all.
          if state.shown.count < Self.mostShown { state.shown.insert(path) }
          if state.shown.contains(path) { board.problem(Self.subject(path), reason, next: nil) }
        case .solved(let path):
          state.shown.remove(path)
          board.solved(Self.subject(path))
        case .remark(let path, let words): Journal.record(.info, "\(Self.subject(path)): \(words)")
        }
      }
      try await absorb(&changes, &state)
    }
  }

  private static func subject(_ path: BytePath) -> String { "watched \(path)" }

  /// Makes the catalog follow what was gathered.
  private func absorb(_ changes: inout FolderChanges, _ state: inout State) async throws {
    defer { changes = FolderChanges() }
    try await vanish(changes.gone, &state)
    for arrival in changes.arrivals where arrival.kind == .table {
      if !named.contains(folder.appending(arrival.path)) { try await read(arrival, &state) }
    }
    var clips = changes.arrivals.filter { $0.kind == .clip }[...]
    while !clips.isEmpty {
      try await take(clips.prefix(Self.most), &state)
      clips = clips.dropFirst(Self.most)
    }
  }

  private func vanish(_ gone: [BytePath], _ state: inout State) async throws {
    if gone.isEmpty { return }
    for path in gone {
      state.unseen?.remove(path)
      state.unread[path] = nil
      state.remarks[path] = nil
      board.solved(Self.subject(folder.appending(path)))
      board.solved(Self.rows(folder.appending(path)))
      if state.sidecars.remove(path) != nil { events.yield(.sidecar(SidecarPlace(root: folder, path: path), nil)) }
    }
    if try await catalog.vanish(root: folder, paths: gone) { events.yield(.clipsChanged) }
  }

  /// Problems of single files that `status` shows for one folder.
  private static let mostShown = 100
  /// Clips in one transaction, at most.
  private static let most = 1000

  /// Takes in clips, at each turn as many as can be read in a moment: small ones share a transaction, and large ones do not
  /// wait for each other.
  private func take(_ arrivals: ArraySlice<Arrival>, _ state: inout State) async throws {
    let known = try await catalog.landings(root: folder, paths: arrivals.map(\.path))
    var left = arrivals
    while !left.isEmpty {
      let reading = try await BlockingThread.run(named: "hash") { [left] in ClipReading(left, known: known) }
      try await land(reading, of: left, &state)
      left = left.dropFirst(reading.count)
    }
  }

  private func land(_ reading: ClipReading, of arrivals: ArraySlice<Arrival>, _ state: inout State) async throws {
    if state.isAway { board.solved(Self.subject(folder)) }
    state.isAway = false
    for arrival in arrivals.prefix(reading.count) {
      state.unseen?.remove(arrival.path)
      state.unread[arrival.path] = nil
    }
    if !reading.landings.isEmpty {
      _ = try await catalog.land(reading.landings)
      events.yield(.clipsChanged)
    }
    for landing in reading.landings { board.solved(Self.subject(folder.appending(landing.path))) }
    for (arrival, reason) in reading.failures {
      state.unread[arrival.path] = arrival
      board.problem(Self.subject(arrival.whole), reason, next: "it is tried again after each look")
    }
  }

  private func forgetUnseen(_ state: inout State, of known: Int) async throws {
    guard let unseen = state.unseen else { return }
    state.unseen = nil
    defer { events.yield(.clipsChanged) }
    let root = folder
    let gone = try await BlockingThread.run(named: "watch") {
      unseen.sorted().filter { path in
        do {
          _ = try OpenedBelow.status(root: root, path: path)
          return false
        } catch {
          return (error as? SystemCode)?.isAbsence ?? false
        }
      }
    }
    // A disk that is not mounted leaves an empty folder, and is no reason to forget its clips.
    if gone.count == known && known > 0 {
      state.isAway = true
      let message = "none of its \(Words.count(known, "clip")) is there; they are not forgotten"
      board.problem(
        Self.subject(folder), message,
        next: "mount its disk; if they were removed on purpose, nothing needs to be done")
      Journal.record(.warning, "\(Self.subject(folder)): \(message)", event: .folderAway)
      return
    }
    _ = try await catalog.vanish(root: folder, paths: gone)
  }

  // MARK: label files

  private static func rows(_ path: BytePath) -> String { "rows of \(path)" }

  private func read(_ arrival: Arrival, _ state: inout State) async throws {
    let path = folder.appending(arrival.path)
    let place = SidecarPlace(root: folder, path: arrival.path)
    switch try await BlockingThread.run(named: "labels", { arrival.sidecar() }) {
    case nil: return
    case .labels(let file):
      state.sidecars.insert(arrival.path)
      state.remarks[arrival.path] = nil
      board.solved(Self.subject(path))
      tell(file, path)
      events.yield(.sidecar(place, file))
      return
    case .other(let reason):
      board.solved(Self.subject(path))
      if state.remarks.updateValue(reason, forKey: arrival.path) != reason {
        Journal.record(.info, "\(reason); not read as labels")
      }
    case .wrong(let reason):
      board.problem(Self.subject(path), reason, next: "it is read again as soon as it changes")
      Journal.record(.warning, "\(Self.subject(path)): \(reason)", event: .labelsRefused)
    }
    board.solved(Self.rows(path))
    if state.sidecars.remove(arrival.path) != nil { events.yield(.sidecar(place, nil)) }
  }

  private func tell(_ file: LabelFile, _ path: BytePath) {
    guard let first = file.problems.first else { return board.solved(Self.rows(path)) }
    let more = file.problems.count > 1 ? " (and \(file.problems.count - 1) more)" : ""
    board.problem(
      Self.rows(path), "\(path):\(first.line): \(first.message)\(more)",
      next: "correct the file; the other rows are used")
  }
}
