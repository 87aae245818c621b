import Acquisition
import Foundation
import Synchronization
import Testing
import Vocabulary

/// Reads a fetch's statuses as the pipeline does, and checks what every one of them promises: a prefix never shrinks under
/// its identity, and its bytes are the file's.
final class FetchWatch: Sendable {
  let flow: FetchFlow
  private let files: [String: [UInt8]]
  private let trusts: Bool
  private let state = Mutex(State())

  private struct State {
    var last = FetchStatus()
    var reports = 0
    var prefixes: [BytePath: (identity: Digest, bytes: Int64)] = [:]
    /// All that was ever told, by name.
    var identities: [BytePath: [Digest]] = [:]
    var notes: [String] = []
    var isOver = false
  }

  /// - Parameter trusts: false where the bytes of a prefix that is not verified may be wrong.
  init(files: [(name: String, bytes: [UInt8])], trusts: Bool = true) {
    self.files = Dictionary(uniqueKeysWithValues: files.map { ($0.name, $0.bytes) })
    self.trusts = trusts
    // Bytes can only be compared with the newest status; what was told before they may have left behind.
    flow = FetchFlow(keepingAll: !trusts)
  }

  var last: FetchStatus { state.withLock { $0.last } }
  /// All notes, each once, in their order.
  var notes: [String] { state.withLock { $0.notes } }
  /// The identities that the file had in the course of the fetch.
  func identities(_ name: String) -> [Digest] { state.withLock { $0.identities[BytePath(name)] ?? [] } }

  /// Runs a fetch and looks at each of its reports.
  func during(_ body: (FetchFlow) async throws -> [FetchedFile]) async throws -> [FetchedFile] {
    async let seen: Void = look()
    let result: Result<[FetchedFile], any Error>
    do { result = .success(try await body(flow)) } catch { result = .failure(error) }
    flow.finish()
    await seen
    return try result.get()
  }

  private func look() async {
    for await status in flow.statuses { take(status) }
    state.withLock { $0.isOver = true }
  }

  private func take(_ status: FetchStatus) {
    for file in status.files {
      let before = state.withLock { $0.prefixes[file.name] }
      let isSame = before?.identity == file.identity
      if isSame { #expect(file.prefix >= before?.bytes ?? 0, "\(file.name): the prefix shrank") }
      if let total = file.total { #expect(file.prefix <= total) }
      if trusts || file.isVerified { expectBytes(of: file, from: isSame ? before?.bytes ?? 0 : 0) }
      state.withLock {
        $0.prefixes[file.name] = (file.identity, file.prefix)
        if $0.identities[file.name]?.last != file.identity {
          $0.identities[file.name, default: []].append(file.identity)
        }
      }
    }
    state.withLock {
      $0.last = status
      $0.reports += 1
      if let note = status.note, $0.notes.last != note { $0.notes.append(note) }
    }
  }

  private func expectBytes(of file: FileProgress, from start: Int64) {
    guard file.prefix > start, let wanted = files[file.name.display] else { return }
    // Between the report and this look it may have got its final name.
    let handle =
      FileHandle(forReadingAtPath: file.path.display)
      ?? FileHandle(forReadingAtPath: String(file.path.display.dropLast(file.path.display.hasSuffix(".part") ? 5 : 0)))
    guard let handle else { return }
    try? handle.seek(toOffset: UInt64(start))
    let bytes = try? handle.read(upToCount: Int(file.prefix - start))
    let range = Int(start)..<min(Int(file.prefix), wanted.count)
    // By digest: telling how long arrays differ takes minutes.
    #expect(
      bytes.map { Digest(of: $0) } == Digest(of: wanted[range]), "\(file.name): bytes \(range) are not the file's")
  }

  /// Waits until a status is as wanted; fails when the fetch ends before, or after a minute.
  func wait(until isWanted: @Sendable (FetchStatus) -> Bool) async throws { try await wait { isWanted($0.last) } }

  /// Waits for so many more reports.
  func wait(reports: Int) async throws {
    let goal = state.withLock { $0.reports } + reports
    try await wait { $0.reports >= goal }
  }

  private func wait(_ isWanted: (borrowing State) -> Bool) async throws {
    for _ in 0..<12_000 {
      let (isThere, isOver) = state.withLock { (isWanted($0), $0.isOver) }
      if isThere { return }
      if isOver { break }
      try await Task.sleep(for: .milliseconds(5))
    }
    throw Unmet(description: "the fetch never came to what was waited for; last: \(last)")
  }

  struct Unmet: Error, CustomStringConvertible { var description: String }
}
