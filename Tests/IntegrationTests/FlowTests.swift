import Foundation
import TestSupport
import Testing

/// The whole flow through the real programs, on a sample data set that is made for the test.
@Suite(.serialized) struct FlowTests {
  @Test func fromArchiveToSubmissionAndOn() async throws {
    try await Scratch.with { directory in
      let dataset = try await SampleDataset.make(in: directory)
      let both = SampleDataset.quickEnsemble.replacing("[\"motion-dense\"]", with: "\"auto\"")
      let daemon = try DaemonFixture(in: directory, toml: SampleDataset.toml(dataset, ensemble: both))
      try daemon.start()
      let first = try await daemon.waitUntilDone()
      let submission = try daemon.newestSubmission()

      let wanted = Rows.of(try Data(contentsOf: dataset.appending(path: "submission_format.csv")))
      let got = Rows.of(submission)
      #expect(got.map { $0.prefix { $0 != "," } } == wanted.map { $0.prefix { $0 != "," } })
      for value in got.flatMap({ $0.split(separator: ",").dropFirst() }) {
        let probability = try #require(Double(value))
        #expect((0...1).contains(probability))
      }
      #expect(first.clips.total == SampleDataset.clips)
      #expect(first.clips.unreadable > 0)
      #expect(first.made["train"] == 8, "two models of three folds, and two folds of the second level")
      #expect(first.ensemble?.remarks.first?.contains("makes the ensemble") == true)
      try Self.checkReport(daemon)
      #expect(try daemon.shards().contains { $0.hasPrefix("micro/") })

      // A second start finds everything done.
      #expect(try await daemon.stop() == 0)
      try daemon.start()
      let second = try await daemon.waitUntilDone()
      #expect(second.made.allSatisfy { $0.value == 0 }, "\(second.made)")
      #expect(try daemon.newestSubmission() == submission)

      // What is taken away is made again, and only that.
      #expect(try await daemon.stop() == 0)
      try FileManager.default.removeItem(at: daemon.state.appending(path: "sources/sample"))
      try FileManager.default.removeItem(at: daemon.state.appending(path: "catalog.sqlite"))
      try daemon.start()
      let again = try await daemon.waitUntilDone()
      #expect(again.made["download"] == 1 && again.made["unpack"] == 1)
      #expect(again.made["extract"] == 0, "the ledgers fill a catalog that is gone")
      #expect(again.made["train"] == 0, "the same clips in the same folds are the same run")
      #expect(again.made["score"] == 0, "and its scores are there")
      #expect(try daemon.newestSubmission() == submission)

      // One more clip is extracted and scored, and nothing else is touched.
      let shards = try daemon.shards()
      try await Command.runAside(
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
      #expect(Rows.of(try daemon.newestSubmission()).last?.hasPrefix("one more.mp4,") == true)
      #expect(try daemon.shards().isSuperset(of: shards))
    }
  }

  /// The page is whole, and nothing that was only needed on the way is left.
  private static func checkReport(_ daemon: DaemonFixture) throws {
    let output = daemon.state.appending(path: "output")
    let page = try String(contentsOf: output.appending(path: "report.html"), encoding: .utf8)
    #expect(page.hasSuffix("</html>\n") && page.contains("motion-rnn") && page.contains("motion-dense"))
    let report = try JSONSerialization.jsonObject(with: Data(contentsOf: output.appending(path: "report.json")))
    #expect((report as? [String: Any])?["members"] is [Any])
    let runs = FileManager.default.enumerator(atPath: daemon.state.appending(path: "runs").path)
    let names = runs?.compactMap { $0 as? String } ?? []
    #expect(names.contains { $0.hasSuffix("stack/fold-1/weights.safetensors") })
    #expect(!names.contains { $0.hasSuffix(".checkpoint") })
  }

  /// More labels are a new run: the clips that had a fold keep it, and the run before is compared with.
  @Test func laterLabelsJoinTheFolds() async throws {
    try await Scratch.with { directory in
      let dataset = try await SampleDataset.make(in: directory)
      let labels = dataset.appending(path: "train_labels.csv")
      let all = try String(contentsOf: labels, encoding: .utf8)
      let lines = all.split(separator: "\n")
      try (lines.prefix(1 + lines.count / 2).joined(separator: "\n") + "\n").write(
        to: labels, atomically: true, encoding: .utf8)
      let daemon = try DaemonFixture(in: directory, toml: SampleDataset.toml(dataset))
      try daemon.start()
      let first = try await daemon.waitUntilDone()
      func folds() throws -> Set<Substring> {
        let path = daemon.state.appending(path: "runs/folds-3.csv")
        return Set(try String(contentsOf: path, encoding: .utf8).split(separator: "\n"))
      }
      let before = try folds()
      try all.write(to: labels, atomically: true, encoding: .utf8)
      _ = try await daemon.wait("a new ensemble") {
        !$0.working && ($0.ensemble?.clips ?? 0) > (first.ensemble?.clips ?? 0)
      }
      let after = try folds()
      #expect(after.isSuperset(of: before) && after.count > before.count)
      let report = try JSONSerialization.jsonObject(
        with: Data(contentsOf: daemon.state.appending(path: "output/report.json")))
      let previous = (report as? [String: Any])?["previous"] as? [String: Any]
      #expect(previous?["clips"] as? Int == first.ensemble?.clips)
    }
  }

  @Test func aSecondDaemonIsRefused() async throws {
    try await Scratch.with { directory in
      let daemon = try DaemonFixture(in: directory, toml: "")
      try daemon.start()
      let status = try await daemon.wait("an answer") { _ in true }
      let failure = await #expect(throws: Command.Failure.self) {
        try await Command.runAside(
          Checkout.products.appending(path: "primatrixd").path,
          ["--config", directory.appending(path: "primatrix.toml").path])
      }
      #expect(failure?.description.contains("\(status.pid)") == true)
      #expect(try await daemon.stop() == 0)
    }
  }
}
