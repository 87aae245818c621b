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
  private let archive: [UInt8]
  private(set) var published = 0
  private var available: Int64 = 0
  private var isNew = false
  /// What was said last of the archive's bytes that will not be read again.
  private(set) var consumed: Int64 = 0
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
    archive = spec.parts.flatMap { UnpackFixture.content(of: $0) }
    // What has not come yet is there, but it is not what it will be.
    if spec.isGrowing { overwrite(0..<Int64(archive.count)) { [UInt8](repeating: 0xAA, count: $0.count) } }
  }

  /// Changes bytes of the archive, its parts laid end to end.
  private func overwrite(_ range: Range<Int64>, _ content: (Range<Int>) -> [UInt8]) {
    var start: Int64 = 0
    for part in spec.parts {
      let end = start + UnpackFixture.bytes(of: part)
      let inside = range.clamped(to: start..<end)
      if !inside.isEmpty {
        let bytes = content(Int(inside.lowerBound)..<Int(inside.upperBound))
        let descriptor = part.withCString { open($0, O_WRONLY) }
        #expect(pwrite(descriptor, bytes, bytes.count, off_t(inside.lowerBound - start)) == bytes.count)
        close(descriptor)
      }
      start = end
    }
  }

  /// Lets `count` more bytes arrive.
  private func arrive(_ count: Int64) {
    let end = min(available + max(count, 0), Int64(archive.count))
    overwrite(available..<end) { [archive] in Array(archive[$0]) }
    available = end
  }

  /// Gives what was consumed back to the disk, as holes in the archive.
  func punch() {
    overwrite(0..<consumed) { [UInt8](repeating: 0, count: $0.count) }
  }

  /// One attempt, in an output directory of its own.
  func work() throws {
    try clearOutput()
    isNew = available > 0
    let worker = try UnpackWorker(spec, output: BytePath(fixture.output.path))
    try worker.run(self, progress: hear)
    if let trouble { throw trouble }
  }

  func clearOutput() throws {
    try? FileManager.default.removeItem(at: fixture.output)
    try FileManager.default.createDirectory(at: fixture.output, withIntermediateDirectories: true)
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
      arrive(increment() ?? Int64(archive.count))
    } else if !isNew {
      return nil
    }
    isNew = false
    let isWhole = !spec.isGrowing || available == archive.count
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
  func publish(_ number: Int) throws {
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
    #expect(report.standing.consumed >= report.standing.resumeOffset)
    if spec.isGrowing { #expect(report.standing.consumed <= available, "it has read what was not there") }
    consumed = report.standing.consumed
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
