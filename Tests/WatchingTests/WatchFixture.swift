import Foundation
import TestSupport
import Testing
import Vocabulary
import Watching

extension WatchOptions.Mode: CustomTestStringConvertible {
  package var testDescription: String { self == .auto ? "inotify" : "looking alone" }
}

/// A real folder under a real watcher, whose events are waited for one by one.
final class WatchFixture {
  let folder: URL
  private let watcher: FolderWatcher
  private var events: AsyncStream<WatchEvent>.Iterator
  /// What was told and not asked for yet.
  private var seen: [String] = []

  private init(_ folder: URL, options: WatchOptions) {
    self.folder = folder
    watcher = FolderWatcher(folder: BytePath(folder.path), options: options)
    events = watcher.events.makeAsyncIterator()
    watcher.start()
  }

  /// - Parameters:
  ///   - settle: short, because each test waits for it.
  ///   - rescan: long, so that nothing is found by looking again unless a test wants it; short where only looking helps.
  static func with(
    _ mode: WatchOptions.Mode = .auto, settle: Double = 0.05, rescan: Double? = nil, tables: Bool = false,
    before: (URL) throws -> Void = { _ in },
    _ body: (WatchFixture) async throws -> Void
  ) async throws {
    try await Scratch.with { directory in
      let folder = directory.appending(path: "inbox")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try before(folder)
      let rescan = rescan ?? (mode == .scan ? 0.02 : 3600)
      let fixture = WatchFixture(
        folder, options: WatchOptions(mode: mode, settle: settle, rescan: rescan, tables: tables))
      defer { fixture.watcher.stop() }
      try await body(fixture)
    }
  }

  /// Takes events until each of `wanted` has come, and fails when others came that are not `allowed`.
  func expect(_ wanted: String..., allowing allowed: [String] = [], here: SourceLocation = #_sourceLocation) async {
    var missing = wanted
    while !missing.isEmpty {
      let event: String
      if seen.isEmpty {
        guard let next = await next() else {
          Issue.record("missing: \(missing)", sourceLocation: here)
          return
        }
        event = next
      } else {
        event = seen.removeFirst()
      }
      if let index = missing.firstIndex(of: event) {
        missing.remove(at: index)
      } else if !allowed.contains(event) {
        Issue.record("\(event) instead of \(missing)", sourceLocation: here)
      }
    }
  }

  /// Ends the watcher and returns what it still had to tell. Everything that it knew of by then was told.
  func rest() async -> [String] {
    watcher.stop()
    var rest = seen
    while let event = await next() { rest.append(event) }
    return rest
  }

  private func next() async -> String? {
    // `scanned` comes in between at moments that depend on the machine; the tests that are about it look for it.
    while let event = await events.next() { if let words = Self.words(event) { return words } }
    return nil
  }

  /// Nil for what tells nothing of the files.
  static func words(_ event: WatchEvent) -> String? {
    switch event {
    case .settled(let arrival): "+\(arrival.path) \(arrival.bytes)"
    case .vanished(_, let path): "-\(path)"
    case .scanned(_, let pending): pending == 0 ? "scanned" : "pending"
    case .problem(let path, let reason): "!\(path.lastComponent): \(reason.prefix(14))"
    case .solved(let path): "solved \(path.lastComponent)"
    case .looked, .remark: nil
    }
  }

  /// Brings in a file that has been quiet for a long time, at once: what is written in place is seen half done as well.
  func write(_ name: String, _ bytes: Int = 1) throws {
    let outside = folder.deletingLastPathComponent().appending(path: "outside-\(UUID().uuidString).mp4")
    try Self.write(outside, bytes)
    let target = folder.appending(path: name)
    try FileManager.default.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try move(outside, to: name)
  }

  static func write(_ url: URL, _ bytes: Int = 1, age: Double = 100_000) throws {
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(repeating: 7, count: bytes).write(to: url)
    Writer.waitUntilNone(of: url)
    if age > 0 {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -age)], ofItemAtPath: url.path)
    }
  }

  func move(_ from: URL, to name: String) throws { rename(from.path, folder.appending(path: name).path) }
  func remove(_ name: String) throws { try FileManager.default.removeItem(at: folder.appending(path: name)) }
}
