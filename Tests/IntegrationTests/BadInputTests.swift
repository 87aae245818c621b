import Foundation
import TestSupport
import Testing

/// Broken clips, archives, sources and labels: each named with its reason, and everything else goes on.
@Suite(.serialized) struct BadInputTests {
  @Test func everythingBrokenIsNamedAndNothingElseIsLost() async throws {
    try await Scratch.with { directory in
      let dataset = try await SampleDataset.make(in: directory)
      try breakArchive(dataset, into: directory.appending(path: "truncated.tar.gz"))
      let labels = directory.appending(path: "labels.csv")
      try breakLabels(dataset.appending(path: "train_labels.csv"), into: labels)
      let daemon = try DaemonFixture(in: directory, toml: toml(dataset, labels: labels, in: directory))
      try breakClips(in: daemon.inbox)
      try daemon.start()
      let status = try await daemon.waitUntilDone()

      let problems = Dictionary(uniqueKeysWithValues: status.problems.map { ($0.subject, $0.message) })
      #expect(problems["source missing"]?.contains("no-such-file.tar.gz") == true, "\(problems)")
      #expect(problems["source wrong"]?.contains(String(repeating: "0", count: 64)) == true, "\(problems)")
      #expect(problems["archive truncated.tar.gz"] != nil, "\(problems)")
      #expect(problems["labels rows"]?.contains("labels.csv:2") == true, "\(problems)")
      #expect(problems["label names"]?.contains("nobody.mp4") == true, "\(problems)")

      let unreadable = try await clips(daemon, "unreadable")
      let reason = unreadable.first { $0.key.hasSuffix("/random.avi") }?.value
      #expect(reason?.isEmpty == false, "\(unreadable)")
      // The data set has a clip without a byte already: the same content is the same clip.
      #expect(unreadable.values.contains { $0.contains("empty") }, "\(unreadable)")
      let submission = Rows.of(try daemon.newestSubmission())
      #expect(submission.contains { $0.hasPrefix("random.avi,") })
      let members = Set(status.sources.map { "\($0.id) \($0.state)" })
      #expect(members == ["missing failed", "sample complete", "truncated complete", "wrong failed"])
    }
  }

  /// A disk that has forgotten a bit costs the features beside it, and nothing that was computed from them.
  @Test func aFlippedBitIsMadeAgain() async throws {
    try await Scratch.with { directory in
      let dataset = try await SampleDataset.make(in: directory)
      let daemon = try DaemonFixture(in: directory, toml: SampleDataset.toml(dataset))
      try daemon.start()
      _ = try await daemon.waitUntilDone()
      let submission = try daemon.newestSubmission()
      #expect(try await daemon.stop() == 0)
      let features = daemon.state.appending(path: "features")
      let shards = FileManager.default.enumerator(atPath: features.path)?.compactMap { $0 as? String } ?? []
      let shard = try #require(
        shards.filter { $0.hasSuffix(".safetensors") && !$0.hasPrefix("micro/") }.sorted().first)
      var data = try Data(contentsOf: features.appending(path: shard))
      data[data.count - 1] ^= 4
      try data.write(to: features.appending(path: shard))
      try FileManager.default.removeItem(at: daemon.state.appending(path: "runs"))
      try daemon.start()
      let end = try await daemon.waitUntilDone()
      #expect((end.made["extract"] ?? 0) > 0 && (end.made["train"] ?? 0) > 0, "\(end.made)")
      #expect(try daemon.newestSubmission() == submission)

      // Ledgers whose shards are all gone are of no use either.
      #expect(try await daemon.stop() == 0)
      for name in try FileManager.default.contentsOfDirectory(atPath: features.path) where name != "ledgers" {
        try FileManager.default.removeItem(at: features.appending(path: name))
      }
      try FileManager.default.removeItem(at: daemon.state.appending(path: "runs"))
      try daemon.start()
      _ = try await daemon.waitUntilDone()
      #expect(try daemon.newestSubmission() == submission)
    }
  }

  private func toml(_ dataset: URL, labels: URL, in directory: URL) -> String {
    let wrong = String(repeating: "0", count: 64)
    return """
      [[source]]
      id = "sample"
      urls = ["file://\(dataset.path)/raw.tar.gz"]
      [[source]]
      id = "truncated"
      urls = ["file://\(directory.path)/truncated.tar.gz"]
      [[source]]
      id = "missing"
      urls = ["file://\(directory.path)/no-such-file.tar.gz"]
      [[source]]
      id = "wrong"
      urls = ["file://\(dataset.path)/micro.tgz"]
      sha256 = "\(wrong)"
      [labels]
      train = "\(labels.path)"
      submission_format = "\(dataset.path)/submission_format.csv"
      \(SampleDataset.quickEnsemble)
      """
  }

  /// The first half of the data set's archive.
  private func breakArchive(_ dataset: URL, into file: URL) throws {
    let whole = try Data(contentsOf: dataset.appending(path: "raw.tar.gz"))
    try whole.prefix(whole.count / 2).write(to: file)
  }

  /// A value that is no label, a row too long, a clip twice and one that nobody has.
  private func breakLabels(_ good: URL, into file: URL) throws {
    var lines = try String(contentsOf: good, encoding: .utf8).split(separator: "\n").map(String.init)
    let zeros = String(repeating: ",0", count: lines[0].split(separator: ",").count - 1)
    lines.insert("bad value.mp4,maybe\(zeros.dropFirst(2))", at: 1)
    lines.insert("too long.mp4\(zeros),0", at: 2)
    lines += [lines[5], "nobody.mp4\(zeros.dropLast())1"]
    try (lines.joined(separator: "\n") + "\n").write(to: file, atomically: true, encoding: .utf8)
  }

  private func breakClips(in inbox: URL) throws {
    try FileManager.default.createDirectory(at: inbox, withIntermediateDirectories: true)
    try Data().write(to: inbox.appending(path: "empty.mp4"))
    var generator = SystemRandomNumberGenerator()
    let noise = Data((0..<50_000).map { _ in UInt8.random(in: 0...255, using: &generator) })
    try noise.write(to: inbox.appending(path: "random.avi"))
  }

  /// Paths of a state's clips, with the reasons.
  private func clips(_ daemon: DaemonFixture, _ state: String) async throws -> [String: String] {
    struct Clip: Decodable {
      var path: String?
      var reason: String?
    }
    let lines = try await daemon.control("clips", "--state", state, "--json").split(separator: UInt8(ascii: "\n"))
    let clips = try lines.map { try JSONDecoder().decode(Clip.self, from: $0) }
    return Dictionary(clips.compactMap { clip in clip.path.map { ($0, clip.reason ?? "") } }) { first, _ in first }
  }
}
