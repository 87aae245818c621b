import Foundation
import Testing
import Unpacking
import Vocabulary
import WorkUnits

/// All batches of an archive together.
struct Unpacked: Equatable {
  var members: [UnpackReport.Member]
  /// In the archive's order.
  var rejects: [UnpackReport.Reject]
  var end: UnpackReport.End?
  var batches: Int

  var cutShort: String? {
    if case .cutShort(let reason)? = end { return reason }
    return nil
  }

  /// What must not depend on batches.
  static func == (left: Unpacked, right: Unpacked) -> Bool {
    left.members == right.members && left.rejects == right.rejects && left.end == right.end
  }
}

/// The daemon's side: publishes each batch, acknowledges it, and lets an archive grow. It can kill the worker.
final class FakeDaemon: InstructionSource, @unchecked Sendable {
  // Unchecked: worker and daemon take turns on one thread.

  struct Kill: Error {}

  private let spec: UnpackSpec
  private let fixture: UnpackFixture
  private let archiveBytes: Int64
  private(set) var published = 0
  private var available: Int64 = 0
  private var isNew = false
  /// How much comes when the worker waits for more; nil: all of it.
  var increment: () -> Int64? = { nil }
  /// Asked before each answer.
  var kills: () -> Bool = { false }
  /// Called after a batch was published.
  var onBatch: (UnpackReport) throws -> Void = { _ in }
  private var trouble: (any Error)?

  init(_ spec: UnpackSpec, in fixture: UnpackFixture) {
    self.spec = spec
    self.fixture = fixture
    archiveBytes = spec.parts.reduce(0) { $0 + UnpackFixture.bytes(of: $1) }
  }

  /// One attempt, in an output directory of its own.
  func work() throws {
    try? FileManager.default.removeItem(at: fixture.output)
    try FileManager.default.createDirectory(at: fixture.output, withIntermediateDirectories: true)
    available = 0
    let worker = try UnpackWorker(spec, output: BytePath(fixture.output.path))
    try worker.run(self, progress: hear)
    if let trouble { throw trouble }
  }

  /// Attempts until one is not killed. Returns their count.
  @discardableResult
  func workToTheEnd() throws -> Int {
    var attempts = 0
    while true {
      attempts += 1
      do {
        try work()
        return attempts
      } catch is Kill {
        try #require(attempts < 10_000, "it makes no way")
      }
    }
  }

  func newest(isWaiting: Bool) throws -> WorkInstruction? {
    if kills() { throw Kill() }
    if isWaiting && !isNew {
      try #require(spec.isGrowing, "nothing more can be said")
      available = increment().map { min(available + $0, archiveBytes) } ?? archiveBytes
    } else if !isNew {
      return nil
    }
    isNew = false
    let isWhole = !spec.isGrowing || available == archiveBytes
    return WorkInstruction(available: isWhole ? nil : available, acknowledged: published)
  }

  private func hear(_ progress: WorkProgress) {
    guard let number = progress.batch else { return }
    do {
      try #require(number == published + 1)
      try publish(number)
      isNew = true
    } catch {
      trouble = trouble ?? error
    }
  }

  /// Moves the members to their place; the report is the commit.
  private func publish(_ number: Int) throws {
    let batch = fixture.output.appending(path: UnpackSpec.batchName(number))
    let data = try Data(contentsOf: batch.appending(path: UnpackSpec.reportName))
    let report = try CanonicalJSON.decode(UnpackReport.self, from: data)
    let files = BytePath(batch.appending(path: UnpackSpec.filesName).path)
    let found = try UnpackFixture.tree(URL(filePath: files.display)).filter { !$0.hasPrefix("folder ") }
    #expect(found == report.members.map { "file \($0.path.bytes) \($0.digest)" }.sorted())
    for member in report.members {
      let target = BytePath(fixture.clips.path).appending(member.path)
      Self.makeFolders(target.deletingLastComponent)
      let code = files.appending(member.path).withCString { old in target.withCString { rename(old, $0) } }
      try #require(code == 0, "\(member.path): \(String(cString: strerror(errno)))")
    }
    try data.write(to: fixture.reports.appending(path: UnpackSpec.reportName(number)))
    published = number
    try onBatch(report)
  }

  private static func makeFolders(_ folder: BytePath) {
    if folder.withCString({ mkdir($0, 0o755) }) == 0 || errno != ENOENT { return }
    makeFolders(folder.deletingLastComponent)
    _ = folder.withCString { mkdir($0, 0o755) }
  }

  /// What is published, and lies there.
  func unpacked() throws -> Unpacked {
    var all = Unpacked(members: [], rejects: [], end: nil, batches: published)
    for number in 1...max(published, 1) where published > 0 {
      let data = try Data(contentsOf: fixture.reports.appending(path: UnpackSpec.reportName(number)))
      let report = try CanonicalJSON.decode(UnpackReport.self, from: data)
      #expect(all.end == nil, "only the last batch is the end")
      all.members += report.members
      all.rejects += report.rejects
      all.end = report.end
    }
    all.members.sort { $0.path < $1.path }
    let lying = try UnpackFixture.tree(fixture.clips).filter { !$0.hasPrefix("folder ") }
    #expect(lying == all.members.map { "file \($0.path.bytes) \($0.digest)" }.sorted())
    return all
  }
}
