import Foundation
import Synchronization
import TestSupport
import Testing
import Vocabulary

/// Whatever dies whenever: the daemon ends in the bytes of a run that nobody disturbed.
@Suite(.serialized) struct CrashTests {
  /// Where the daemon kills itself, in the order of its starts, each at the nth time it comes by.
  private static let failpoints = [
    "publish.staged:1", "publish.renamed:2", "publish.staged:2", "publish.renamed:3", "publish.written:1",
    "publish.staged:1", "publish.renamed:1", "publish.written:2", "publish.written:3", "publish.renamed:4",
    "publish.staged:3", "publish.renamed:5",
  ]

  @Test func endsInTheSameBytes() async throws {
    try await Scratch.with { directory in
      let dataset = try await SampleDataset.make(in: directory)
      let calm = try await submission(of: "calm", dataset, in: directory) { _ in }
      let atFailpoints = try await submission(of: "failpoints", dataset, in: directory, Self.dieAtFailpoints)
      #expect(atFailpoints == calm)
      let betweenStages = try await submission(of: "stages", dataset, in: directory, Self.dieBetweenStages)
      #expect(betweenStages == calm)
      let withoutWorkers = try await submission(of: "workers", dataset, in: directory, Self.killWorkers)
      #expect(withoutWorkers == calm)
      let alone = try await submission(of: "alone", dataset, more: "[features]\nworkers = 1", in: directory) { _ in }
      #expect(alone == calm)
    }
  }

  /// Runs a daemon through `trouble`, then once more undisturbed to the end.
  private func submission(
    of name: String, _ dataset: URL, more: String = "", in directory: URL,
    _ trouble: (DaemonFixture) async throws -> Void
  ) async throws -> Data {
    let place = directory.appending(path: name)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    let daemon = try DaemonFixture(in: place, toml: SampleDataset.toml(dataset) + "\n" + more)
    try await trouble(daemon)
    try await daemon.kill()
    try daemon.start()
    let end = try await daemon.waitUntilDone()
    #expect(end.problems.allSatisfy { $0.subject != "extract" && $0.subject != "train" })
    return try daemon.newestSubmission()
  }

  private static func dieAtFailpoints(_ daemon: DaemonFixture) async throws {
    var deaths = 0
    for failpoint in failpoints {
      try daemon.start(failpoint: failpoint)
      // It dies there, or finishes because it did not come by as often.
      while daemon.isRunning, (try? await daemon.status())?.working != false {
        try await Task.sleep(for: .milliseconds(50))
      }
      deaths += daemon.isRunning ? 0 : 1
      try await daemon.kill()
    }
    #expect(deaths > failpoints.count / 2)
  }

  private static func dieBetweenStages(_ daemon: DaemonFixture) async throws {
    for moment in ["unpack", "extract", "train", "stack", "score"] {
      try daemon.start()
      _ = try await daemon.wait("\(moment) to begin") { status in
        !status.working || (status.made[moment] ?? 0) > 0
      }
      try await daemon.kill()
    }
  }

  /// Kills the first worker of every kind, each a moment after it was seen that a seed draws. On a thread of its own: tests
  /// beside this one may hold the cooperative pool for longer than the whole flow takes.
  private static func killWorkers(_ daemon: DaemonFixture) async throws {
    try daemon.start()
    let killer = WorkerKiller(of: daemon.processIdentifier, seed: 41)
    defer { _ = killer.stop() }
    _ = try await daemon.waitUntilDone()
    // A scoring worker is over so soon that it may be missed.
    #expect(killer.stop().isSuperset(of: ["unpack", "extract", "train"]))
  }
}

/// Kills children of a process, one of each kind, until it is stopped.
private final class WorkerKiller: Sendable {
  private let isStopped = Mutex(false)
  private let killed = Mutex(Set<String>())

  init(of parent: Int32, seed: UInt64) {
    Thread.detachNewThread { [self] in
      var random = SplitMix64(seed: seed)
      while !isStopped.withLock({ $0 }) {
        usleep(5000)
        for child in Self.children(of: parent) {
          guard let kind = Self.kind(of: child), !killed.withLock({ $0.contains(kind) }) else { continue }
          usleep(UInt32(1000 * random.below(50)))
          // One that has ended is killed in vain.
          guard Self.kind(of: child) == kind else { continue }
          if kill(child, SIGKILL) == 0 { killed.withLock { _ = $0.insert(kind) } }
        }
      }
    }
  }

  /// Returns the kinds of those that were killed.
  func stop() -> Set<String> {
    isStopped.withLock { $0 = true }
    return killed.withLock { $0 }
  }

  private static func children(of parent: Int32) -> [Int32] {
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(parent)/task")) ?? []
    return threads.flatMap { thread in
      let listed = try? String(contentsOfFile: "/proc/\(parent)/task/\(thread)/children", encoding: .utf8)
      return (listed ?? "").split(separator: " ").compactMap { Int32($0) }
    }
  }

  /// A worker's first argument; nil for what is no worker (yet).
  private static func kind(of process: Int32) -> String? {
    let line = (try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)) ?? ""
    let words = line.split(separator: "\0").map(String.init)
    return words.count > 2 && words[2] == "--spec" ? words[1] : nil
  }
}
