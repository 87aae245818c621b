import Foundation
import TestSupport
import Testing

/// Bits that flip in a finished run: what they are in is made again, and nothing else.
@Suite(.serialized) struct DamagedRunTests {
  private static func product(_ end: String, of daemon: DaemonFixture) throws -> URL {
    let runs = daemon.state.appending(path: "runs")
    let names = FileManager.default.enumerator(atPath: runs.path)?.compactMap { $0 as? String } ?? []
    return runs.appending(path: try #require(names.first { $0.hasSuffix(end) }))
  }

  @Test func whatIsDamagedIsMadeAgain() async throws {
    try await Scratch.with { directory in
      let dataset = try await SampleDataset.make(in: directory)
      let daemon = try DaemonFixture(in: directory, toml: SampleDataset.toml(dataset))
      try daemon.start()
      let first = try await daemon.waitUntilDone()

      // Weights, of which the daemon hears when one more clip is to be scored with them.
      let weights = try Self.product("motion-dense/fold-1/weights.safetensors", of: daemon)
      let sound = try Data(contentsOf: weights)
      var damaged = sound
      damaged[damaged.count - 2] ^= 4
      try damaged.write(to: weights)
      try Command.run(
        Checkout.root.appending(path: "scripts/make-sample-dataset.py").path,
        ["--one-more", directory.appending(path: "one more.mp4").path, "--seed", "99"])
      try FileManager.default.moveItem(
        at: directory.appending(path: "one more.mp4"), to: daemon.inbox.appending(path: "one more.mp4"))
      let second = try await daemon.wait("a new submission") {
        !$0.working && $0.submission?.digest != first.submission?.digest
      }
      #expect(second.made["train"] == (first.made["train"] ?? 0) + 1 && second.made["stack"] == first.made["stack"])
      #expect(try Data(contentsOf: weights) == sound)
      let submission = try daemon.newestSubmission()
      #expect(Rows.of(submission).last?.hasPrefix("one more.mp4,") == true)
      #expect(second.submission?.rowsFromPriors == first.submission?.rowsFromPriors)

      // The blend, which the daemon reads when it starts.
      let status = try await daemon.stop()
      #expect(status == 0)
      let blend = try Self.product("ensemble/blend.json", of: daemon)
      let text = try String(contentsOf: blend, encoding: .utf8)
      try text.replacing("0.", with: "1.", maxReplacements: 1).write(to: blend, atomically: true, encoding: .utf8)
      try daemon.start()
      let third = try await daemon.waitUntilDone()
      #expect(third.made["stack"] == 1 && third.made["train"] == 0 && third.made["score"] == 0)
      #expect(try String(contentsOf: blend, encoding: .utf8) == text)
      #expect(try daemon.newestSubmission() == submission)
    }
  }
}
