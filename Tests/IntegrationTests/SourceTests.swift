import Foundation
import Synchronization
import TestSupport
import Testing
import Vocabulary

/// Sources as the daemon uses them: unpacked while they arrive, killed in the middle, wrong, or through peers.
@Suite(.serialized) struct SourceTests {
  private static func toml(_ dataset: URL, source: String, more: String = "") -> String {
    """
    [[source]]
    id = "sample"
    \(source)
    [labels]
    train = "\(dataset.path)/train_labels.csv"
    submission_format = "\(dataset.path)/submission_format.csv"
    \(SampleDataset.quickEnsemble)
    \(more)
    """
  }

  private func place(_ name: String, in directory: URL) throws -> URL {
    let place = directory.appending(path: name)
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    return place
  }

  private func submission(_ daemon: DaemonFixture) async throws -> Data {
    _ = try await daemon.waitUntilDone()
    return try daemon.newestSubmission()
  }

  /// However an archive comes, and whatever is killed on the way, the same clips come out of it.
  @Test(.enabled(if: Nginx.isInstalled, "needs nginx")) func everyWayEndsInTheSameBytes() async throws {
    try await Scratch.with { directory in
      let dataset = try await SampleDataset.make(in: directory)
      let local = try DaemonFixture(
        in: try place("local", in: directory),
        toml: Self.toml(dataset, source: "urls = [\"\(dataset.path)/raw.tar.gz\"]"))
      try local.start()
      let calm = try await submission(local)
      try await local.kill()

      // Four connections of 256 KiB/s: several seconds, in which clips are unpacked and extracted already.
      let server = try Nginx(serving: dataset, in: directory, location: "limit_rate 256k;")
      let web = try DaemonFixture(
        in: try place("web", in: directory),
        toml: Self.toml(dataset, source: "urls = [\"\(server.url("raw.tar.gz"))\"]\nretention = \"delete-archive\""))
      try await killWhileDownloading(web)
      try web.start()
      #expect(try await submission(web) == calm)
      let fetched = web.state.appending(path: "sources/sample/fetched")
      #expect(!FileManager.default.fileExists(atPath: fetched.path), "delete-archive")
      try await web.kill()

      guard LibtorrentTool.isInstalled else { return }
      let torrent = try LibtorrentTool.make(
        dataset.appending(path: "raw.tar.gz"), as: directory.appending(path: "raw.torrent"), .hybrid)
      let seed = try await LibtorrentTool.seed(torrent, folder: dataset)
      let peers = "[torrent]\nport = 0\ndht = false\nallow_private_addresses = true\npeers = [\"\(seed.address)\"]"
      let swarm = try DaemonFixture(
        in: try place("torrent", in: directory),
        toml: Self.toml(dataset, source: "torrent = \"\(torrent.file.path)\"", more: peers))
      try swarm.start()
      #expect(try await submission(swarm) == calm)
    }
  }

  /// Kills the daemon five times, each time after some more of the archive has come.
  private func killWhileDownloading(_ daemon: DaemonFixture) async throws {
    var before: Int64 = -1
    for _ in 0..<5 {
      try daemon.start()
      let status = try await daemon.wait("some more of the archive") { status in
        guard let source = status.sources.first else { return false }
        return source.state == "complete" || source.bytes > before + 400_000
      }
      before = status.sources.first?.bytes ?? before
      try await daemon.kill()
    }
    #expect(before > 400_000)
  }

  /// Clips that came out of an archive before it turned out wrong are gone again.
  @Test func aWrongArchiveLeavesNothingBehind() async throws {
    try await Scratch.with { directory in
      let dataset = try await SampleDataset.make(in: directory)
      let content = [UInt8](try Data(contentsOf: dataset.appending(path: "raw.tar.gz")))
      let mayEnd = Atomic(false)
      let server = try Self.server(of: content) { mayEnd.load(ordering: .relaxed) }
      let wrong = String(repeating: "0", count: 64)
      let daemon = try DaemonFixture(
        in: directory,
        toml: Self.toml(
          dataset, source: "urls = [\"\(server.url("raw.tar.gz"))\"]\nsha256 = \"\(wrong)\""))
      try daemon.start()
      _ = try await daemon.wait("clips of an archive that is not checked yet") { $0.clips.total > 0 }
      mayEnd.store(true, ordering: .relaxed)
      let failed = try await daemon.wait("the archive to be refused") { $0.sources.first?.state == "failed" }
      #expect(failed.problems.contains { $0.message.contains(wrong) }, "\(failed.problems)")
      let clips = daemon.state.appending(path: "clips/sample")
      let files = FileManager.default.enumerator(atPath: clips.path)?.compactMap { $0 as? String } ?? []
      #expect(files.filter { $0.contains(".mp4") }.isEmpty)
      #expect(failed.ensemble == nil && failed.submission == nil)
    }
  }

  /// Keeps the last eighth back until it may end.
  private static func server(of content: [UInt8], mayEnd: @escaping @Sendable () -> Bool) throws -> LyingServer {
    try LyingServer { request in
      let answer = Response.honest(request, content)
      let last = min(request.range?.upperBound ?? .max, content.count - 1)
      let kept = min(answer.count, max(0, last + 1 - content.count / 8 * 7))
      if kept == 0 { return [.send(answer)] }
      return [.send(Array(answer.dropLast(kept))), .wait(until: mayEnd), .send(Array(answer.suffix(kept)))]
    }
  }

  /// A folder of clips and archives is read where it lies, and left as it is.
  @Test func aFolderOnThisMachine() async throws {
    try await Scratch.with { directory in
      let dataset = try await SampleDataset.make(in: directory)
      let folder = try place("disk", in: directory)
      try await Command.runAside("tar", ["-xzf", dataset.appending(path: "raw.tar.gz").path, "-C", folder.path])
      let names = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
      let half = names.filter { $0.contains(".") }.sorted().prefix(20)
      try await Command.runAside("zip", ["-q", "-m", "more.zip"] + half, in: folder)
      let daemon = try DaemonFixture(
        in: try place("daemon", in: directory),
        toml: Self.toml(dataset, source: "urls = [\"\(folder.path)\"]\nretention = \"delete-clips\""))
      try daemon.start()
      let end = try await daemon.waitUntilDone()
      #expect(end.clips.total == SampleDataset.clips)
      #expect(try await Command.runAside("unzip", ["-qt", "more.zip"], in: folder).isEmpty == false)
      let left = try #require(FileManager.default.enumerator(atPath: folder.path)).compactMap { $0 as? String }
      #expect(Set(left) == Set(names).subtracting(half).union(["more.zip"]))
    }
  }

  /// A set of micro clips beside the clips: it is looked at, and answers nothing by itself.
  @Test func aSourceOfMicroClips() async throws {
    try await Scratch.with { directory in
      let dataset = try await SampleDataset.make(in: directory)
      let micro = "[[source]]\nid = \"micro\"\nrole = \"micro\"\nurls = [\"\(dataset.path)/micro.tgz\"]"
      let daemon = try DaemonFixture(
        in: directory,
        toml: Self.toml(dataset, source: "urls = [\"\(dataset.path)/raw.tar.gz\"]", more: micro))
      try daemon.start()
      let end = try await daemon.waitUntilDone()
      #expect(end.clips.total == SampleDataset.clips)
      #expect(end.sources.map(\.state) == ["complete", "complete"])
      #expect(end.submission != nil)
      try await daemon.kill()
      try daemon.start()
      let again = try await daemon.waitUntilDone()
      #expect(again.made["extract"] == 0)
    }
  }

  /// Nothing is removed before it has served, and what has served is: the run and the submission do not need the files.
  @Test func clipsAreRemovedOnceTheyHaveServed() async throws {
    try await Scratch.with { directory in
      let dataset = try await SampleDataset.make(in: directory)
      let server = try Nginx(serving: dataset, in: directory)
      let daemon = try DaemonFixture(
        in: directory,
        toml: Self.toml(
          dataset, source: "urls = [\"\(server.url("raw.tar.gz"))\"]\nretention = \"delete-clips\""))
      try daemon.start()
      let end = try await daemon.waitUntilDone()
      #expect(end.clips.total == SampleDataset.clips)
      let clips = daemon.state.appending(path: "clips/sample")
      let files = FileManager.default.enumerator(atPath: clips.path)?.compactMap { $0 as? String } ?? []
      // A clip that cannot be decoded stays: a better decoder may come.
      #expect(files.filter { $0.contains(".") }.count == end.clips.unreadable, "\(files)")
      let submission = try daemon.newestSubmission()

      #expect(try await daemon.stop() == 0)
      try daemon.start()
      let again = try await daemon.waitUntilDone()
      #expect(again.made.allSatisfy { $0.value == 0 }, "\(again.made)")
      #expect(try daemon.newestSubmission() == submission)
    }
  }
}
