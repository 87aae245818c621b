import Foundation
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
      let dataset = try SampleDataset.make(in: directory)
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
    daemon.kill()
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
      while daemon.isRunning, (try? daemon.status())?.working != false { try await Task.sleep(for: .milliseconds(50)) }
      deaths += daemon.isRunning ? 0 : 1
      daemon.kill()
    }
    #expect(deaths > failpoints.count / 2)
  }

  private static func dieBetweenStages(_ daemon: DaemonFixture) async throws {
    for moment in ["unpack", "extract", "train", "stack", "score"] {
      try daemon.start()
      _ = try await daemon.wait("\(moment) to begin") { status in
        !status.working || (status.made[moment] ?? 0) > 0
      }
      daemon.kill()
    }
  }

  /// Kills a worker, any of those that run, at instants that a seed draws.
  private static func killWorkers(_ daemon: DaemonFixture) async throws {
    var random = SplitMix64(seed: 41)
    var kills = 0
    try daemon.start()
    _ = try await daemon.wait("an answer") { _ in true }
    while try daemon.status().working {
      try await Task.sleep(for: .milliseconds(20 + random.below(100)))
      let workers = daemon.workers()
      if workers.isEmpty || kills == 5 { continue }
      kill(workers[random.below(workers.count)], SIGKILL)
      kills += 1
    }
    #expect(kills > 0)
  }
}
