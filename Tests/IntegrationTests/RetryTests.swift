import Foundation
import TestSupport
import Testing

/// What failed and is tried again when people say so, and what they may ask of a finished run.
extension FlowTests {
  private struct Clip: Decodable {
    struct Feature: Decodable { var isThere: Bool }
    struct Score: Decodable { var probability: Double }
    struct File: Decodable { var source: String? }
    var clip: String
    var state: String
    var files: [File]
    var features: [Feature]
    var labels: [String]?
    var scores: [Score]?
    var run: String?
  }

  private struct Run: Decodable {
    var run: String
    var state: String
    var clips: Int
  }

  @Test func aSourceIsWokenAndARunIsAskedAbout() async throws {
    try await Scratch.with { directory in
      let dataset = try await SampleDataset.make(in: directory)
      let archive = dataset.appending(path: "raw.tar.gz")
      let away = dataset.appending(path: "away")
      try FileManager.default.moveItem(at: archive, to: away)
      let daemon = try DaemonFixture(in: directory, toml: SampleDataset.toml(dataset))
      try daemon.start()
      _ = try await daemon.wait("a failed source") { $0.sources.first?.state == "failed" }
      // It would be tried again in some minutes.
      try FileManager.default.moveItem(at: away, to: archive)
      #expect(
        String(decoding: try await daemon.control("retry", "sample"), as: UTF8.self) == "tried again: source sample\n")
      let done = try await daemon.waitUntilDone()
      #expect(done.ownProblems.isEmpty)

      let rows = Rows.of(try daemon.newestSubmission())
      let name = try #require(rows.first?.split(separator: ",").first.map(String.init))
      let scored = try await JSONDecoder().decode(Clip.self, from: daemon.control("clip", name, "--json"))
      #expect(scored.state == "decoded" && scored.files.first?.source == "sample" && scored.labels == nil)
      #expect(scored.features.allSatisfy(\.isThere) && scored.scores?.isEmpty == false)
      let labels = try String(contentsOf: dataset.appending(path: "train_labels.csv"), encoding: .utf8)
      let labelled = try #require(labels.split(separator: "\n").dropFirst().first?.split(separator: ",").first)
      let known = try await JSONDecoder().decode(Clip.self, from: daemon.control("clip", String(labelled), "--json"))
      #expect(known.labels != nil && known.clip != scored.clip)
      await #expect(throws: Command.Failure.self) { try await daemon.control("clip", "nothing.mp4") }
      await #expect(throws: Command.Failure.self) { try await daemon.control("retry", name) }

      let runs = try await daemon.control("runs", "--json").split(separator: UInt8(ascii: "\n"))
      let run = try JSONDecoder().decode(Run.self, from: try #require(runs.first))
      #expect(runs.count == 1 && run.state == "current" && run.run == scored.run && run.clips == done.ensemble?.clips)
      let report = String(decoding: try await daemon.control("report"), as: UTF8.self)
      #expect(report.hasPrefix(daemon.state.appending(path: "output/report.html").path), "\(report)")
      #expect(
        try await daemon.control("report", "--json")
          == Data(contentsOf: daemon.state.appending(path: "output/report.json")))
      #expect(
        String(decoding: try await daemon.control("retry"), as: UTF8.self) == "everything that failed is tried again\n")
      #expect(try await daemon.waitUntilDone().made["extract"] == done.made["extract"], "nothing had failed")
    }
  }
}
