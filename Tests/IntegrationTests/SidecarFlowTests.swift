import Foundation
import TestSupport
import Testing

/// Clips and their labels dropped into the watched folder of a real daemon, and nothing configured.
@Suite(.serialized) struct SidecarFlowTests {
  @Test(arguments: ["auto", "scan"]) func clipsAndLabelsBesideThem(mode: String) async throws {
    try await Scratch.with { directory in
      let dataset = try await SampleDataset.make(in: directory)
      try await Command.runAside("tar", ["-xf", dataset.appending(path: "raw.tar.gz").path, "-C", directory.path])
      let daemon = try DaemonFixture(
        in: directory,
        toml: """
          [watch]
          mode = "\(mode)"
          rescan = "1s"
          settle = "0.5s"
          \(SampleDataset.quickEnsemble)
          """)
      try daemon.start()
      _ = try await daemon.wait("an answer") { _ in true }
      let card = daemon.inbox.appending(path: "card")
      try FileManager.default.createDirectory(at: card, withIntermediateDirectories: true)
      for name in try Self.clips(below: directory) {
        try FileManager.default.copyItem(at: name, to: card.appending(path: name.lastPathComponent))
      }
      try Data("date,who\n2026-01-01,me\n".utf8).write(to: card.appending(path: "notes.csv"))
      let labels = try Data(contentsOf: dataset.appending(path: "train_labels.csv"))
      try labels.write(to: card.appending(path: "labels.csv"))
      let status = try await daemon.waitUntilDone()
      #expect(status.problems.allSatisfy { !$0.subject.contains("csv") }, "\(status.problems)")

      // Every clip without a label has a row, and no clip with one.
      let rows = Set(
        Rows.of(try daemon.newestSubmission()).compactMap { $0.split(separator: ",").first.map(String.init) })
      let labelled = Set(Rows.of(labels).compactMap { $0.split(separator: ",").first.map(String.init) })
      #expect(!rows.isEmpty)
      for name in labelled { #expect(!rows.contains("card/\(URL(filePath: name).lastPathComponent)"), "\(name)") }

      // A start finds everything done, before and after it has looked into the folder.
      #expect(try await daemon.stop() == 0)
      try daemon.start()
      let again = try await daemon.waitUntilDone()
      #expect(again.made.allSatisfy { $0.value == 0 }, "\(again.made)")
      #expect(again.submission?.digest == status.submission?.digest)
    }
  }

  private static func clips(below directory: URL) throws -> [URL] {
    let all = FileManager.default.enumerator(at: directory, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL }
    return (all ?? []).filter {
      ["mp4", "avi", "mov", "mkv", "asf"].contains($0.pathExtension.lowercased()) && !$0.path.contains("/state/")
    }
  }
}
