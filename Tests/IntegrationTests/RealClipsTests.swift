import Foundation
import TestSupport
import Testing

/// Real footage with real names: spaces, `ï`, upper-case suffixes; AVI, ASF and MP4.
@Suite struct RealClipsTests {
  private static let folder = ProcessInfo.processInfo.environment["PRIMATRIX_TEST_CLIPS"]

  @Test(.enabled(if: folder != nil, "PRIMATRIX_TEST_CLIPS names no folder of real clips"))
  func everyClipIsDecodedOrHasAReason() async throws {
    let clips = URL(filePath: try #require(Self.folder))
    try await Scratch.with { directory in
      let daemon = try DaemonFixture(
        in: directory,
        toml: """
          [watch]
          folders = ["\(clips.path)"]
          [labels]
          train = "\(clips.path)/labels.csv"
          submission_format = "\(clips.path)/submission_format.csv"
          \(SampleDataset.quickEnsemble)
          """)
      try daemon.start()
      let status = try await daemon.waitUntilDone()
      #expect(status.clips.total == 35)
      #expect(status.clips.decoded + status.clips.partial + status.clips.unreadable == 35)
      for line in try await daemon.control("clips", "--json").split(separator: UInt8(ascii: "\n")) {
        let clip = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
        #expect(clip["state"] as? String == "decoded" || (clip["reason"] as? String)?.isEmpty == false, "\(clip)")
      }
      let format = try Data(contentsOf: clips.appending(path: "submission_format.csv"))
      try check(try daemon.newestSubmission(), against: format)
      #expect(status.submission?.rowsFromPriors == status.clips.unreadable)
    }
  }

  /// The same names in the same order, quoted as before, each with probabilities; read by Python's csv, not by ours.
  private func check(_ submission: Data, against format: Data) throws {
    let script = """
      import csv, io, json, math, sys
      mine, theirs = (list(csv.reader(io.StringIO(text))) for text in json.load(sys.stdin))
      assert mine[0] == theirs[0], "header"
      assert [row[0] for row in mine] == [row[0] for row in theirs], "names"
      assert len(mine) == 22, len(mine)
      for row in mine[1:]:
          assert len(row) == len(mine[0])
          assert all(math.isfinite(float(v)) and 0 <= float(v) <= 1 for v in row[1:]), row
      """
    try Scratch.with { directory in
      let texts = [submission, format].map { String(decoding: $0, as: UTF8.self) }
      let input = directory.appending(path: "input.json")
      try JSONEncoder().encode(texts).write(to: input)
      try Command.run("sh", ["-c", "exec /usr/bin/python3 -c \"$0\" <\"$1\"", script, input.path])
    }
  }
}
