internal import Acquisition
internal import Cataloguing
internal import Durability
internal import Foundation
internal import Journal
internal import Settings
internal import Subprocesses
internal import Vocabulary
internal import WorkUnits

/// Clips that come as they are, and what is done once everything has come.
extension SourcePassage {
  /// Files hashed between two looks at the rest.
  private static let clipsAtOnce = 64

  /// Lands clips that are no archive's members, when they are whole and checked.
  mutating func landClips() async throws {
    guard !isPaused else { return }
    let new = deliveries.indices.filter { index in
      guard case .clip(let file) = deliveries[index], !isDone(index) else { return false }
      return isWhole(file) && !isProvisional(index)
    }.prefix(Self.clipsAtOnce)
    var landings: [Landing] = []
    let isMicro = flow.source.settings.role == .micro
    for index in new {
      guard case .clip(let file) = deliveries[index] else { continue }
      landed.insert(file)
      let progress = status.files[file]
      let path = status.completed?.first { $0.name == progress.name }?.path ?? progress.path
      let root = Self.root(of: path, named: progress.name)
      let known = try await flow.catalog.landing(root: root, path: progress.name)
      // A file is hashed once; an earlier passage may have done it.
      if let known, known.origin == progress.identity, known.bytes == progress.total { continue }
      landings.append(
        try await BlockingThread.run(named: "hash") { [isMicro] in
          try Self.landing(progress, at: path, root: root, isMicro: isMicro)
        })
    }
    if landings.isEmpty { return }
    _ = try await flow.catalog.land(landings)
    progress.looseClips = landed.count
    flow.board.show(id, progress)
    flow.events.yield(.clipsChanged)
  }

  private static func root(of path: BytePath, named name: BytePath) -> BytePath {
    BytePath(bytes: Array(path.bytes.dropLast(name.bytes.count + 1)))
  }

  private static func landing(
    _ file: FileProgress, at path: BytePath, root: BytePath, isMicro: Bool
  ) throws -> Landing {
    var status = stat()
    guard path.withCString({ lstat($0, &status) }) == 0 else {
      throw FileDigest.Failure(path: path, code: errno)
    }
    let modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    return Landing(
      root: root, path: file.name, clip: ClipID(try FileDigest.sha256(of: path)), bytes: Int64(status.st_size),
      modified: modified, origin: file.identity, isMicro: isMicro)
  }

  /// Everything is here, checked and unpacked: nothing is provisional any more, and what older versions of the source had
  /// brought goes.
  mutating func complete() async throws {
    let origins = deliveries.indices.compactMap { delivery in
      if case .archive = deliveries[delivery] { origin(delivery) } else { nil }
    }
    progress.archives.removeAll { !origins.contains($0.origin) }
    progress.looseClips = landed.count
    if let reason = progress.archives.compactMap(\.cutShort).first, progress.members == 0 {
      throw WorkError(.input, "source \(id): \(reason)")
    }
    let root = flow.state.clips(source: id)
    for origin in origins { try await flow.catalog.confirm(root: root, origin: origin) }
    try await withdraw(root, except: origins)
    try await forgetOldClips()
    progress.bytes = status.bytes
    progress.isComplete = true
    try await flow.catalog.save(source: id, progress)
    flow.board.finished(.download, made: true)
    flow.board.show(id, progress)
    tellCut()
    Journal.record(
      .info,
      "source \(id) is complete: \(progress.bytes) bytes, \(progress.members) files, \(progress.rejects) left out"
        + (status.note.map { "; \($0)" } ?? ""),
      event: .sourceComplete, fields: [.source: id])
    flow.events.yield(.clipsChanged)
    flow.events.yield(.source(id, isActive: false))
  }

  /// Forgets the files of other versions, those of a failed download among them, and removes them.
  private func withdraw(_ root: BytePath, except origins: [Digest]) async throws {
    while true {
      let gone = try await flow.catalog.withdraw(root: root, except: origins, limit: 1000)
      if gone.isEmpty { break }
      try await BlockingThread.run(named: "withdraw") {
        for file in gone { try Durability.removeTree(file.file) }
      }
    }
    let reports = flow.state.source(id).appending("reports")
    let kept = Set(origins.map { flow.state.reports(id, origin: $0).lastComponent.display })
    for name in (try? FileManager.default.contentsOfDirectory(atPath: reports.display)) ?? [] {
      if !kept.contains(name) { try Durability.removeTree(reports.appending(name)) }
    }
  }

  /// Clips that came as they are under names that the source has no more.
  private func forgetOldClips() async throws {
    let loose = deliveries.compactMap { if case .clip(let index) = $0 { index } else { nil } }
    let roots = Dictionary(grouping: loose) { Self.root(of: status.files[$0].path, named: status.files[$0].name) }
    for (root, files) in roots {
      try await flow.catalog.retain(root: root, paths: Set(files.map { status.files[$0].name }))
    }
  }

  /// What is left to do when the fetcher has ended: the archive goes, where it is not kept.
  func finish() async throws {
    guard !flow.source.settings.retention.keepsArchive, flow.source.isFetched else { return }
    let loose = deliveries.contains { if case .clip = $0 { true } else { false } }
    // Clips that came as they are lie among what was fetched: the sweep removes them one by one.
    if loose { return }
    try await BlockingThread.run(named: "discard") { [flow, id] in
      try Durability.removeTree(flow.state.fetched(id))
    }
  }

  func tellCut() {
    for archive in progress.archives {
      let subject = "archive \(archive.name.display)"
      guard let reason = archive.cutShort else {
        flow.board.solved(subject)
        continue
      }
      flow.board.problem(
        subject, "it was read only in part: \(reason); what came before is used",
        next: "replace it at its address, then remove \(flow.state.source(id)) and restart")
      Journal.record(
        .warning, "source \(id): \(archive.name.display) was read only in part: \(reason)", event: .archiveCutShort,
        fields: [.source: id])
    }
  }
}
