import Foundation
import TestSupport
import Testing

/// The whole flow through the real programs, on a sample data set that is made for the test.
@Suite(.serialized) struct FlowTests {
  private func toml(_ dataset: URL) -> String {
    """
    [[source]]
    id = "sample"
    urls = ["file://\(dataset.path)/raw.tar.gz"]
    [labels]
    train = "\(dataset.path)/train_labels.csv"
    submission_format = "\(dataset.path)/submission_format.csv"
    [ensemble]
    epochs = 3
    """
  }

  private func rows(_ csv: Data) -> [String] {
    String(decoding: csv, as: UTF8.self).split(separator: "\n").dropFirst().map(String.init)
  }

  @Test func fromArchiveToSubmissionAndOn() async throws {
    try await Scratch.with { directory in
      let dataset = try SampleDataset.make(in: directory)
      let daemon = try DaemonFixture(in: directory, toml: toml(dataset))
      try daemon.start()
      let first = try await daemon.waitUntilDone()
      let submission = try daemon.newestSubmission()

      let wanted = rows(try Data(contentsOf: dataset.appending(path: "submission_format.csv")))
      let got = rows(submission)
      #expect(got.map { $0.prefix { $0 != "," } } == wanted.map { $0.prefix { $0 != "," } })
      for value in got.flatMap({ $0.split(separator: ",").dropFirst() }) {
        let probability = try #require(Double(value))
        #expect((0...1).contains(probability))
      }
      #expect(first.clips.total == SampleDataset.clips)
      #expect(first.clips.unreadable > 0)
      #expect(first.made["train"] == 5)

      // A second start finds everything done.
      #expect(daemon.stop() == 0)
      try daemon.start()
      let second = try await daemon.waitUntilDone()
      #expect(second.made.allSatisfy { $0.value == 0 }, "\(second.made)")
      #expect(try daemon.newestSubmission() == submission)

      // One more clip is extracted and scored, and nothing else is touched.
      let shards = try features(of: daemon)
      try Command.run(
        Checkout.root.appending(path: "scripts/make-sample-dataset.py").path,
        ["--one-more", directory.appending(path: "one more.mp4").path, "--seed", "99"])
      try FileManager.default.moveItem(
        at: directory.appending(path: "one more.mp4"), to: daemon.inbox.appending(path: "one more.mp4"))
      let third = try await daemon.wait("a new submission") {
        !$0.working && $0.submission?.digest != second.submission?.digest
      }
      #expect(third.made["extract"] == 1)
      #expect(third.made["score"] == 1)
      #expect(third.made["train"] == 0)
      #expect(rows(try daemon.newestSubmission()).last?.hasPrefix("one more.mp4,") == true)
      #expect(try features(of: daemon).isSuperset(of: shards))
    }
  }

  /// Killed again and again at moments that differ, the daemon ends in the bytes of a run that nobody disturbed.
  @Test func killedAgainAndAgainItEndsInTheSameBytes() async throws {
    try await Scratch.with { directory in
      let dataset = try SampleDataset.make(in: directory)
      let calm = directory.appending(path: "calm")
      let rough = directory.appending(path: "rough")
      for place in [calm, rough] {
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      }
      let undisturbed = try DaemonFixture(in: calm, toml: toml(dataset))
      try undisturbed.start()
      _ = try await undisturbed.waitUntilDone()

      let daemon = try DaemonFixture(in: rough, toml: toml(dataset))
      for moment in ["unpack", "extract", "train", "stack", "score"] {
        try daemon.start()
        _ = try await daemon.wait("\(moment) to begin") { status in
          !status.working || (status.made[moment] ?? 0) > 0
        }
        daemon.kill()
      }
      try daemon.start()
      _ = try await daemon.waitUntilDone()
      #expect(try daemon.newestSubmission() == undisturbed.newestSubmission())
    }
  }

  @Test func aSecondDaemonIsRefused() async throws {
    try await Scratch.with { directory in
      let daemon = try DaemonFixture(in: directory, toml: "")
      try daemon.start()
      let status = try await daemon.wait("an answer") { _ in true }
      let failure = #expect(throws: Command.Failure.self) {
        try Command.run(
          Checkout.products.appending(path: "primatrixd").path,
          ["--config", directory.appending(path: "primatrix.toml").path])
      }
      #expect(failure?.description.contains("\(status.pid)") == true)
      #expect(daemon.stop() == 0)
    }
  }

  private func features(of daemon: DaemonFixture) throws -> Set<String> {
    let folder = daemon.state.appending(path: "features")
    let all = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return Set(
      try all.filter { $0.hasSuffix(".safetensors") }.map { name in
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.appending(path: name).path)
        return "\(name) \(attributes[.modificationDate] ?? "")"
      })
  }
}
